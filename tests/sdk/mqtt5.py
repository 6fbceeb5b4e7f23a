"""Logs in with Paho in MQTT 5. Arguments: port, CA file, "tcp" or "websocket", and the address of a proxy if there is one.
Prints the reason it was given."""

import sys
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
import socks

port, ca_file, transport = int(sys.argv[1]), sys.argv[2], sys.argv[3]
client = paho.Client(
    client_id="device", protocol=paho.MQTTv5, transport="websockets" if transport == "websocket" else "tcp"
)
client.tls_set(ca_certs=ca_file)
client.ws_set_options(path="/$iothub/websocket")
if len(sys.argv) > 4:
    proxy = urlsplit(sys.argv[4])
    client.proxy_set(
        proxy_type=socks.HTTP if proxy.scheme == "http" else socks.SOCKS5,
        proxy_addr=proxy.hostname,
        proxy_port=proxy.port,
        proxy_username=proxy.username and unquote(proxy.username),
        proxy_password=proxy.password and unquote(proxy.password),
    )


def on_connect(client, userdata, flags, reason, properties=None):
    print(f"reason {reason.value}: {reason}")
    client.disconnect()


client.on_connect = on_connect
client.connect("localhost", port)
# It goes on until told, or until the connection ends.
while client.loop(timeout=5) == paho.MQTT_ERR_SUCCESS:
    pass
