// Logs in as Azure's SDK for Node does: with MQTT.js over WebSocket, or with Node's own HTTPS, and the agent that
// `setOptions` was given. Arguments: port, CA file, and a line that calls `client.setOptions`. Prints what came.
"use strict";

const fs = require("fs");
const https = require("https");
const mqtt = require("mqtt");
const { HttpsProxyAgent } = require("https-proxy-agent");

const [port, caFile, line] = process.argv.slice(2);
const ca = fs.readFileSync(caFile);
let options = {};
const client = { setOptions: (given) => (options = given) };
new Function("client", "HttpsProxyAgent", line)(client, HttpsProxyAgent);

function end(said) {
  console.log(said);
  process.exit();
}

function byMqtt() {
  const connection = mqtt.connect(`wss://localhost:${port}/$iothub/websocket`, {
    protocolId: "MQTT",
    protocolVersion: 4,
    clientId: "device",
    username: "localhost/device/?api-version=2021-04-12",
    password: "wrong",
    reconnectPeriod: 0,
    ca,
    wsOptions: { agent: options.mqtt.webSocketAgent },
  });
  connection.on("connect", () => end("connected"));
  connection.on("error", (error) => end(`error ${error.code}: ${error.message}`));
  connection.on("close", () => end("closed"));
}

function byHttps() {
  const path = "/devices/device/messages/events?api-version=2021-04-12";
  const request = https.request({ host: "localhost", port, path, method: "POST", ca, agent: options.http.agent });
  request.on("response", (response) => end(`status ${response.statusCode}`));
  request.on("error", (error) => end(`error ${error.code}: ${error.message}`));
  request.end();
}

options.mqtt ? byMqtt() : byHttps();
