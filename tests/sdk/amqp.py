"""Logs in with uAMQP. Arguments: port, CA file, "tcp" or "websocket", "token" or "plain". Prints the error it raised."""

import logging
import sys
import time

import uamqp
from uamqp import authentication, errors

# The trace shows the frames that came.
logging.basicConfig(level=logging.INFO, format="%(message)s")
port, ca_file, transport, login = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
kind = uamqp.TransportType.AmqpOverWebsocket if transport == "websocket" else uamqp.TransportType.Amqp
uri = "amqps://localhost/devices/device/messages/events"
if login == "token":
    auth = authentication.SASTokenAuth(
        audience="localhost/devices/device",
        uri=uri,
        token="SharedAccessSignature sr=localhost&sig=wrong&se=9999999999",
        expires_at=time.time() + 3600,
        port=port,
        verify=ca_file,
        transport_type=kind,
    )
else:
    auth = authentication.SASLPlain(
        "localhost", "device@sas.hub", "wrong", port=port, verify=ca_file, transport_type=kind
    )
client = uamqp.SendClient(uri, auth=auth, error_policy=errors.ErrorPolicy(max_retries=0), debug=True)
try:
    client.open()
    deadline = time.monotonic() + 15
    while not client.client_ready() and time.monotonic() < deadline:
        client.do_work()
    print("connected" if client.client_ready() else "gave up waiting")
except Exception as error:
    print(f"{type(error).__name__}: {error}")
finally:
    client.close()
