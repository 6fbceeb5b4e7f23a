//! Our MQTT and AMQP bytes against implementations that we did not write, both ways.
#![allow(clippy::expect_used, clippy::panic)]

mod amqp;
mod mqtt;
