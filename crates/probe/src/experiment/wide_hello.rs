//! A hello that offers what our TLS library lacks, where the peer refuses the usual one: older and rarer suites, versions,
//! groups and signatures. What a peer takes that only we do not have is not the peer's fault.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    Experiment,
    hello::{chosen, cut, silent},
    snapshot_view::{SnapshotView, endpoint},
    tls_version::is_refused,
};
use crate::{
    context::run_context::RunContext,
    net::{connect, ending::alert_name, random, run_control::Timeout},
    observation::{Answer, FirstBytes, HelloTrial, Hellos, TlsFailure, TrackedAttempt, millis},
    wire::{
        Parsed,
        tls::{Newest, client_hello, server_hello, version_name},
    },
};

/// Limits a connection and its answer: two SYNs, then the answer to one retransmission.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(2500);
/// How much is read at a time.
const READ_SIZE: usize = 2048;
/// A record that holds an alert, and the level of one that ends nothing (RFC 5246, sections 6.2.1 and 7.2).
const ALERT: u8 = 21;
const WARNING: u8 = 1;
/// Longer than any ServerHello, however it is cut into records.
const MAX_ANSWER_LEN: usize = 16 * 1024;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    peer: SocketAddr,
}

impl Experiment for Plan {
    type Facts = Hellos;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let refused = view.ended().filter(|tracked| is_refused(tracked) || is_cut_without_a_word(tracked));
        refused.map(|tracked| Self { peer: endpoint(tracked) })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Hellos> {
        let (old, new) = tokio::join!(send(context, self.peer, Newest::Tls12), send(context, self.peer, Newest::Tls13));
        Some(Hellos::to(self.peer, vec![old, new]))
    }
}

/// Whether the peer ended the connection in the place of an alert, as some servers do.
fn is_cut_without_a_word(tracked: &TrackedAttempt) -> bool {
    matches!(
        tracked.attempt.tls.failure(),
        Some(TlsFailure::Closed { bytes_received: 0 } | TlsFailure::Reset { bytes_received: 0 })
    )
}

async fn send(context: &RunContext<'_>, peer: SocketAddr, newest: Newest) -> HelloTrial {
    let began = Instant::now();
    let name = context.target.host.name();
    let hello = client_hello(newest, name, random::bytes(), random::bytes());
    let versions: &[&str] = match newest {
        Newest::Tls12 => &["TLS 1.2", "TLS 1.1", "TLS 1.0"],
        Newest::Tls13 => &["TLS 1.3"],
    };
    // Kept outside, so that after a timeout the socket can still be asked.
    let (mut tcp, mut received) = (None, Vec::new());
    let exchange = context.control.within(ANSWER_TIMEOUT, async {
        let stream = tcp.insert(connect::dial(peer, None).await.ok()?);
        Some(ask(stream, &hello, &mut received).await)
    });
    let answer = match exchange.await {
        Ok(Some(answer)) => answer,
        Ok(None) => Answer::NotConnected,
        Err(Timeout::Run) => Answer::Cancelled,
        Err(Timeout::Stage) => tcp.as_ref().map_or(Answer::NotConnected, |stream| silent(stream, &received)),
    };
    if let Some(stream) = &tcp {
        connect::end_by_reset(stream);
    }
    HelloTrial {
        server_name: name.map(str::to_owned),
        versions: versions.iter().map(|version| (*version).to_owned()).collect(),
        alpn: Vec::new(),
        mss: None,
        preface: None,
        hello_bytes: hello.len(),
        duration_ms: millis(began.elapsed()),
        answer,
    }
}

async fn ask(stream: &mut TcpStream, hello: &[u8], received: &mut Vec<u8>) -> Answer {
    if let Err(error) = stream.write_all(hello).await {
        return cut(&error, received);
    }
    let mut chunk = [0; READ_SIZE];
    loop {
        match stream.read(&mut chunk).await {
            Ok(0) => return Answer::Closed { bytes_received: received.len() as u64 },
            Ok(length) => received.extend(&chunk[..length]),
            Err(error) => return cut(&error, received),
        }
        if let Some(answer) = answer(received) {
            return answer;
        }
    }
}

/// What the peer has said, once that is enough.
fn answer(received: &[u8]) -> Option<Answer> {
    let mut rest_of_answer = received;
    loop {
        match rest_of_answer {
            // Before TLS 1.3 a warning ends nothing.
            [ALERT, 3, _, 0, 2, WARNING, _, rest @ ..] => rest_of_answer = rest,
            [ALERT, 3, _, 0, 2, _, code, ..] => {
                return Some(Answer::Alert { code: *code, name: alert_name((*code).into()) });
            }
            [] | [ALERT] | [ALERT, 3, ..] if rest_of_answer.len() < 7 && received.len() < MAX_ANSWER_LEN => {
                return None;
            }
            _ => break,
        }
    }
    match server_hello(rest_of_answer) {
        Parsed::Done(hello) => Some(Answer::ServerHello {
            version: version_name(hello.version).map(str::to_owned),
            chain_complete: false,
            top_issuer: None,
            for_name: None,
            chosen: Some(Box::new(chosen(&hello))),
        }),
        Parsed::Incomplete if received.len() < MAX_ANSWER_LEN => None,
        Parsed::Incomplete | Parsed::Mismatch => Some(Answer::NotTls { first_bytes: FirstBytes::of(received) }),
    }
}

/// All that is read of an answer, of whatever it is.
#[cfg(fuzzing)]
pub(super) fn read(received: &[u8]) {
    let _ = answer(received);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_waited_for_to_its_end() {
        let alert = [21, 3, 3, 0, 2, 2, 70];
        for length in 0..alert.len() {
            assert_eq!(answer(&alert[..length]), None, "{length}");
        }
        assert_eq!(answer(&alert), Some(Answer::Alert { code: 70, name: "protocol_version".to_owned() }));
        assert_eq!(
            answer(&[&[21, 3, 1, 0, 2, 1, 112][..], &alert].concat()),
            answer(&alert),
            "a warning is passed over"
        );
        assert!(matches!(answer(b"HTTP/1.1 400"), Some(Answer::NotTls { .. })));
    }
}
