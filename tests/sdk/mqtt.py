"""Logs in with Azure's device SDK. Arguments: port, CA file, then arguments of the client as Python has them, such as
`websockets=True` or `proxy_options=ProxyOptions(...)`. Prints the errors it raised, one a line."""

import sys

import paho.mqtt.client as paho
from azure.iot.device import IoTHubDeviceClient, ProxyOptions

port, ca_file = int(sys.argv[1]), sys.argv[2]
settings = eval(f"dict({', '.join(sys.argv[3:])})", {"ProxyOptions": ProxyOptions})

# The SDK knows the real hub's ports only.
connect = paho.Client.connect
paho.Client.connect = lambda self, host, port=None, **rest: connect(self, host, CHOSEN, **rest)
CHOSEN = port

with open(ca_file) as file:
    ca = file.read()
client = IoTHubDeviceClient.create_from_symmetric_key(
    symmetric_key="c2VjcmV0",
    hostname="localhost",
    device_id="device",
    server_verification_cert=ca,
    connection_retry=False,
    auto_connect=False,
    **settings,
)
try:
    client.connect()
    print("connected")
except Exception as error:
    while error is not None:
        print(f"{type(error).__name__}: {error}")
        error = error.__cause__ or error.__context__
finally:
    client.shutdown()
