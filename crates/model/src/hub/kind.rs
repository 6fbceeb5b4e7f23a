//! The products that a hostname can stand for.

use crate::enum_words;

enum_words! {
    /// The product that a hostname stands for.
    #[non_exhaustive]
    pub enum HubKind {
        /// Azure IoT Hub.
        AzureIotHub = "azure-iot-hub",
        /// The upstream hub of an Azure IoT Edge device, which also needs a container registry.
        AzureIotEdge = "azure-iot-edge",
        /// Azure IoT Hub Device Provisioning Service.
        AzureDps = "azure-dps",
        /// The MQTT broker of an Azure Event Grid namespace.
        AzureEventGrid = "azure-event-grid",
        /// AWS IoT Core.
        AwsIotCore = "aws-iot-core",
        /// Any MQTT 3.1.1 broker over TLS.
        MqttBroker = "mqtt-broker",
        /// Any AMQP 1.0 broker with SASL over TLS.
        AmqpBroker = "amqp-broker",
        /// Anything that devices fetch over HTTPS: a container registry, a file store, an update server.
        HttpsEndpoint = "https-endpoint",
    }
    read as "kind of hub" or UnknownKind
}
