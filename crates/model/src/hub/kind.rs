//! The products that stand behind a hostname.

use crate::enum_words;

enum_words! {
    /// The product behind a hostname.
    #[non_exhaustive]
    pub enum HubKind {
        /// Azure IoT Hub.
        AzureIotHub = "azure-iot-hub",
        /// The upstream hub of an Azure IoT Edge device, which needs a container registry too.
        AzureIotEdge = "azure-iot-edge",
        /// Azure IoT Hub Device Provisioning Service.
        AzureDps = "azure-dps",
        /// The MQTT broker of an Azure Event Grid namespace.
        AzureEventGrid = "azure-event-grid",
        /// AWS IoT Core.
        AwsIotCore = "aws-iot-core",
        /// Any MQTT 3.1.1 broker behind TLS.
        MqttBroker = "mqtt-broker",
        /// Any AMQP 1.0 broker with SASL behind TLS.
        AmqpBroker = "amqp-broker",
        /// Anything that devices fetch over HTTPS: a container registry, a store for files, an update server.
        HttpsEndpoint = "https-endpoint",
    }
    read as "kind of hub" or UnknownKind
}
