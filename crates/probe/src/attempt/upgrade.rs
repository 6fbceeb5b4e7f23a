//! The WebSocket opening handshake (RFC 6455, section 4.1), of which a refusal is evidence and no byte is lost.

use super::first_message;
use crate::{
    hub::{Endpoint, HubHost},
    net::{
        random,
        response::{self, NoResponse},
        run_control::{RunControl, Timeout},
        stage_clock::StageClock,
        transport::Transport,
    },
    observation::{HttpResponse, StageResult, UpgradeEvidence, UpgradeFailure},
    wire::websocket,
};

/// Asks for `subprotocol`, in a message of `fill` bytes if that is more; the transport comes with the stage where it succeeded.
pub(crate) async fn upgrade(
    control: &RunControl,
    mut transport: Transport,
    host: &HubHost,
    endpoint: &Endpoint,
    subprotocol: &str,
    fill: Option<usize>,
) -> (StageResult<UpgradeEvidence, UpgradeFailure>, Option<Transport>) {
    let clock = StageClock::start();
    let key = websocket::key(random::bytes());
    let mut buffer = Vec::new();
    let exchange = control
        .while_receiving(async {
            transport.send(&first_message::upgrade(host, endpoint, subprotocol, &key, fill)).await;
            let mut head = response::head(&mut transport, &mut buffer).await?;
            if head.status != 101 {
                head.body_start = response::body_start(&mut transport, &head, &mut buffer).await;
            }
            Ok(head)
        })
        .await;
    let response = match exchange {
        Ok(Ok(response)) => response,
        Ok(Err(no_response)) => return (clock.failed(failure(no_response), None), None),
        Err(Timeout::Run) => return (clock.cancelled(), None),
        Err(Timeout::Stage) => {
            let bytes_received = buffer.len() as u64;
            let failure = UpgradeFailure::TimedOut { bytes_received, acknowledged: transport.acknowledged() };
            return (clock.failed(failure, None), None);
        }
    };
    let evidence = judge(response, subprotocol, &key);
    match refusal(&evidence) {
        None => {
            let transport = transport.into_websocket(buffer).await;
            (clock.ok(evidence), Some(transport))
        }
        Some(failure) => {
            let stage_result = clock.failed(failure, Some(evidence));
            transport.close().await;
            (stage_result, None)
        }
    }
}

fn judge(response: HttpResponse, offered: &str, key: &str) -> UpgradeEvidence {
    UpgradeEvidence {
        offered: offered.to_owned(),
        accept_matches: response.header("sec-websocket-accept") == Some(websocket::accept(key).as_str()),
        subprotocol: response.header("sec-websocket-protocol").map(str::to_owned),
        response,
    }
}

/// What in the answer keeps it from being an upgrade.
fn refusal(evidence: &UpgradeEvidence) -> Option<UpgradeFailure> {
    // One SDK's server side writes the subprotocol in another case than it was asked in.
    let subprotocol_matches =
        evidence.subprotocol.as_ref().is_some_and(|chosen| chosen.eq_ignore_ascii_case(&evidence.offered));
    match evidence.response.status {
        101 if !evidence.accept_matches => Some(UpgradeFailure::BadAccept),
        101 if !subprotocol_matches => Some(UpgradeFailure::BadSubprotocol),
        101 => None,
        status => Some(UpgradeFailure::Refused { status }),
    }
}

fn failure(no_response: NoResponse) -> UpgradeFailure {
    match no_response {
        NoResponse::NotHttp(first_bytes) => UpgradeFailure::NotHttp { first_bytes },
        NoResponse::TooLarge(_) => UpgradeFailure::TooLarge,
        NoResponse::Ended(ending) => UpgradeFailure::Ended(ending),
    }
}
