//! Our MQTT and AMQP bytes against implementations that we did not write, both ways.

mod amqp;
mod mqtt;
