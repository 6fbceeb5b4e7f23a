//! The first exchange in the protocol itself, without credentials: any answer of the hub proves that the network works.

use super::first_message;
use crate::{
    hub::{Endpoint, HubHost, Protocol},
    net::{
        response::{self, NoResponse},
        run_control::{RunControl, Timeout},
        stage_clock::StageClock,
        transport::Transport,
    },
    observation::{ExchangeEvidence, ExchangeFailure, FirstBytes, StageResult},
    wire::{Parsed, amqp, mqtt},
};

/// Sends the first message of the endpoint's protocol, of at least `fill` bytes, waits for the answer, and closes the
/// connection in any case. `mqtt_user` is the form of the MQTT user name, if there is one.
pub(crate) async fn exchange(
    control: &RunControl,
    mut transport: Transport,
    host: &HubHost,
    endpoint: &Endpoint,
    mqtt_user: Option<&str>,
    fill: Option<usize>,
) -> StageResult<ExchangeEvidence, ExchangeFailure> {
    let clock = StageClock::start();
    // Kept outside the conversation, so that a timeout can still tell how much had come.
    let mut buffer = Vec::new();
    let answer = control
        .while_receiving(async {
            match endpoint.protocol {
                Protocol::Mqtt | Protocol::MqttWs => {
                    converse_mqtt(&mut transport, &first_message::connect(host, mqtt_user, fill), &mut buffer).await
                }
                Protocol::Amqp | Protocol::AmqpWs => converse_amqp(&mut transport, &mut buffer).await,
                Protocol::Https => {
                    converse_https(&mut transport, &first_message::get(host, endpoint, fill), &mut buffer).await
                }
            }
        })
        .await;
    let stage_result = match answer {
        Ok(Ok(evidence)) => clock.ok(evidence),
        Ok(Err(failure)) => clock.failed(failure, None),
        Err(Timeout::Run) => clock.cancelled(),
        Err(Timeout::Stage) => {
            let failure = ExchangeFailure::TimedOut {
                bytes_received: buffer.len() as u64,
                acknowledged: transport.acknowledged(),
            };
            clock.failed(failure, None)
        }
    };
    transport.close().await;
    stage_result
}

async fn converse_mqtt(
    transport: &mut Transport,
    connect: &[u8],
    buffer: &mut Vec<u8>,
) -> Result<ExchangeEvidence, ExchangeFailure> {
    transport.send(connect).await;
    let connack = answer(transport, buffer, mqtt::connack).await?;
    if connack.return_code == 0 {
        transport.send(&mqtt::DISCONNECT).await;
    }
    Ok(ExchangeEvidence::Mqtt { return_code: connack.return_code, session_present: connack.session_present })
}

async fn converse_amqp(transport: &mut Transport, buffer: &mut Vec<u8>) -> Result<ExchangeEvidence, ExchangeFailure> {
    transport.send(&amqp::SASL_HEADER).await;
    let mechanisms = answer(transport, buffer, amqp::mechanisms).await?;
    Ok(ExchangeEvidence::Amqp { mechanisms })
}

async fn converse_https(
    transport: &mut Transport,
    request: &[u8],
    buffer: &mut Vec<u8>,
) -> Result<ExchangeEvidence, ExchangeFailure> {
    transport.send(request).await;
    let mut response = response::head(transport, buffer).await.map_err(|no_response| match no_response {
        NoResponse::NotHttp(first_bytes) | NoResponse::TooLarge(first_bytes) => {
            ExchangeFailure::Mismatch { first_bytes }
        }
        NoResponse::Ended(ending) => ExchangeFailure::Ended(ending),
    })?;
    response.body_start = response::body_start(transport, &response, buffer).await;
    Ok(ExchangeEvidence::Https { response })
}

/// Receives until `parse` is satisfied. A parser gives up by itself on what is too long, so the buffer stays small.
async fn answer<T>(
    transport: &mut Transport,
    buffer: &mut Vec<u8>,
    parse: impl Fn(&[u8]) -> Parsed<T>,
) -> Result<T, ExchangeFailure> {
    loop {
        transport.receive(buffer).await.map_err(ExchangeFailure::Ended)?;
        match parse(buffer) {
            Parsed::Done(answer) => return Ok(answer),
            Parsed::Mismatch => return Err(ExchangeFailure::Mismatch { first_bytes: FirstBytes::of(buffer) }),
            Parsed::Incomplete => {}
        }
    }
}
