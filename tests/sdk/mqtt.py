"""Logs in with Azure's device SDK. Arguments: port, CA file, "tcp" or "websocket". Prints the errors it raised, one a line."""

import sys

import paho.mqtt.client as paho
from azure.iot.device import IoTHubDeviceClient

port, ca_file, transport = int(sys.argv[1]), sys.argv[2], sys.argv[3]

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
    websockets=transport == "websocket",
    connection_retry=False,
    auto_connect=False,
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
