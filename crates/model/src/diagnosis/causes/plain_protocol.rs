//! The port works without TLS: it speaks in clear text, or expects a load balancer's header first.

use std::fmt;

use serde::Serialize;

use super::not_tls::AnsweredWith;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict, cause_kind::CauseKind, client_hellos::is_answered, evidence::Statement,
        http_answers::looks_like_gateway, location, occurrence::Occurrence, scope::Scope,
    },
    observation::{ClearAnswer, ClearProtocol, ClearQuestion, ClearReply, HttpResponse, Stage, TlsFailure, kind},
};

/// One answered hello after a header may be chance.
const MIN_HELLOS: usize = 2;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PlainProtocol {
    /// What the port speaks or expects.
    #[serde(skip_serializing_if = "Option::is_none")]
    speaks: Option<Service>,
    /// The answer may come from a box on the path: many serve HTTP pages.
    #[serde(skip)]
    or_on_the_path: bool,
}

/// What a port speaks instead of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Service {
    Mqtt,
    Amqp,
    Http,
    Ssh,
    /// SMTP or FTP, whose greetings look alike.
    Mail,
    Mailbox,
    Vnc,
    /// TLS after a PROXY protocol header.
    ProxyHeader,
}

impl CauseKind for PlainProtocol {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::AnyoneOnPath,
        explanation: "The port is open and works, but without TLS: its listener was never given a certificate, or it waits for \
            a header of the PROXY protocol, which only a load balancer sends. It ends what it does not understand. Or the port \
            belongs to another service, which greets whoever connects.",
        proof: "TLS comes to nothing whatever the hello says, and a harmless question in clear is answered in the port's own \
            protocol, or its greeting is a well-known one; or the same hello behind a PROXY header is answered, each time. It is \
            `likely`, for anybody on the path can answer in clear. HTTP is what portals and boxes that block answer, too: it is \
            `likely` where the port answers from as far away as one on which the hub shows its certificate, else `possible`.",
    };

    fn title(&self, scope: &Scope) -> String {
        let speaks = scope.tcp_does("speak");
        match self.speaks {
            Some(Service::ProxyHeader) => {
                format!("{} for a load balancer's PROXY header before TLS", scope.tcp_does("wait"))
            }
            Some(protocol) => format!("{speaks} {protocol} in clear, without TLS"),
            None => format!("{speaks} its protocol in clear, without TLS"),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let (host, tcp) = (scope.host(), scope.tcp());
        match self.speaks {
            Some(Service::ProxyHeader) => format!(
                "Send devices to the load balancer in front of {host}, or switch the PROXY protocol off on the listener on {tcp}."
            ),
            Some(Service::Ssh | Service::Mail | Service::Mailbox | Service::Vnc) => {
                format!("Say where {tcp} of {host} leads, and where its hub is.")
            }
            Some(Service::Http) if self.or_on_the_path => format!(
                "Let {tcp} to {host} pass: a box of this network may answer in its place. If the same answers on other networks, \
                 its listener there needs a certificate."
            ),
            _ => format!("Give the listener on {tcp} of {host} a certificate."),
        }
    }

    fn first_step(&self, scope: &Scope) -> Option<String> {
        match self.speaks {
            Some(Service::ProxyHeader) => None,
            Some(speaks @ (Service::Ssh | Service::Mail | Service::Mailbox | Service::Vnc)) => {
                Some(format!("Check host and port: {speaks} is no protocol of a hub."))
            }
            Some(Service::Http) if self.or_on_the_path => {
                Some(format!("Compare from another network, to find out who answers on {}.", scope.tcp()))
            }
            _ => Some("Let no device send its credentials there: everybody on the way could read them.".to_owned()),
        }
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let port = context.port();
        let mut named = context.all_results::<kind::ServerName>().flat_map(|hellos| &hellos.trials);
        let (speaks, observed) = match context.ended() {
            AttemptEnd::Tls(TlsFailure::NotTls { first_bytes }) => {
                let speaks = match greeting(first_bytes.as_slice()) {
                    Some(speaks) => speaks,
                    None if first_bytes.look_like_http() => Service::Http,
                    None => return None,
                };
                (speaks, Observed::Greeting(AnsweredWith { port, first_bytes: first_bytes.clone() }))
            }
            AttemptEnd::Tls(
                TlsFailure::Closed { bytes_received: 0 }
                | TlsFailure::Reset { bytes_received: 0 }
                | TlsFailure::TimedOut { bytes_received: 0, .. },
            ) if !named.any(is_answered) => match service_in_clear(context) {
                Some(speaks) => (speaks, Observed::Answered { port, speaks }),
                None if wants_proxy_header(context) => (Service::ProxyHeader, Observed::BehindHeader { port }),
                None => return None,
            },
            _ => return None,
        };
        let summary = match speaks {
            Service::ProxyHeader => "waits for a load balancer's PROXY header".to_owned(),
            speaks => format!("speaks {speaks} in clear"),
        };
        let greets = matches!(observed, Observed::Greeting(_));
        let occurrence = match speaks {
            Service::Http => web_server(context, greets)?,
            _ => Occurrence::likely(Self { speaks: Some(speaks), or_on_the_path: false }),
        };
        let occurrence = occurrence.evidence(observed);
        let occurrence = if greets { occurrence } else { occurrence.evidence(Observed::NoTls { port }) };
        Some(AttemptVerdict::blocked(summary, occurrence))
    }
}

/// HTTP in clear text, which login pages and block pages also use. Its distance shows whose it is.
fn web_server(context: AttemptContext<'_>, greets: bool) -> Option<Occurrence> {
    let (comparisons, address, port) = (context.comparisons, context.address(), context.port());
    let paths = comparisons.paths_to(address);
    if location::early_handshake(paths, address, port).is_some() {
        return None;
    }
    let cause = |or_on_the_path| PlainProtocol { speaks: Some(Service::Http), or_on_the_path };
    if comparisons.hub_answers_at(address) && location::answers_from_hub_distance(paths, address, port) {
        return Some(Occurrence::likely(cause(false)).evidence(Observed::FromTheHub { port }));
    }
    let asked = context.all_results::<kind::InClear>().flat_map(|asked| &asked.questions);
    let answers = asked.filter_map(|question| match &question.reply {
        ClearReply::Http { response } => Some(response),
        _ => None,
    });
    let portal = context.first_result::<kind::Portal>().and_then(|portal| match &portal.answer {
        ClearAnswer::Answered { response } => Some(response),
        _ => None,
    });
    // Web servers also answer 400 in clear text on TLS ports.
    let is_service_answer =
        |response: &HttpResponse| !looks_like_gateway(response) && (greets || response.status != 400);
    let mut answers = answers.peekable();
    let is_one = answers.peek().is_some()
        && answers.all(is_service_answer)
        && portal.is_none_or(|page| !looks_like_gateway(page));
    is_one.then(|| {
        let others = [Code::CaptivePortal, Code::GatewayBlockPage];
        Occurrence::possible(cause(true), &others).owner(Owner::NetworkAdmin)
    })
}

/// The protocol of the answer to a request in clear text.
fn service_in_clear(context: AttemptContext<'_>) -> Option<Service> {
    context.all_results::<kind::InClear>().flat_map(|asked| &asked.questions).find_map(service_of)
}

fn service_of(ClearQuestion { protocol, reply, .. }: &ClearQuestion) -> Option<Service> {
    match reply {
        ClearReply::Http { .. } => Some(Service::Http),
        ClearReply::Bytes { first_bytes } => match (protocol, first_bytes.as_slice()) {
            // A CONNACK has two bytes, the first of which is a flag; the properties of MQTT 5 add a few more.
            (ClearProtocol::Mqtt, [0x20, 2..=0x7f, 0 | 1, ..]) => Some(Service::Mqtt),
            (_, bytes) => greeting(bytes),
        },
        ClearReply::Closed
        | ClearReply::Reset
        | ClearReply::Silent
        | ClearReply::NotConnected
        | ClearReply::Cancelled => None,
    }
}

/// Greetings that a service sends unasked, or in answer to any request.
fn greeting(first_bytes: &[u8]) -> Option<Service> {
    const GREETINGS: [(&[u8], Service); 7] = [
        (b"AMQP", Service::Amqp),
        (b"SSH-", Service::Ssh),
        (b"220 ", Service::Mail),
        (b"220-", Service::Mail),
        (b"+OK ", Service::Mailbox),
        (b"* OK ", Service::Mailbox),
        (b"RFB 0", Service::Vnc),
    ];
    GREETINGS.into_iter().find(|(greeting, _)| first_bytes.starts_with(greeting)).map(|(_, speaks)| speaks)
}

fn wants_proxy_header(context: AttemptContext<'_>) -> bool {
    let behind = context.all_results::<kind::ProxyHeader>().flat_map(|hellos| &hellos.trials);
    let (behind, bare): (Vec<_>, Vec<_>) = behind.partition(|trial| trial.preface.is_some());
    let answered = behind.iter().filter(|trial| is_answered(trial)).count();
    answered >= MIN_HELLOS && !bare.into_iter().any(is_answered)
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mqtt => "MQTT",
            Self::Amqp => "AMQP",
            Self::Http => "HTTP",
            Self::Ssh => "SSH",
            Self::Mail => "SMTP or FTP",
            Self::Mailbox => "POP3 or IMAP",
            Self::Vnc => "VNC",
            Self::ProxyHeader => "the PROXY protocol",
        })
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    Greeting(AnsweredWith),
    Answered { port: u16, speaks: Service },
    BehindHeader { port: u16 },
    NoTls { port: u16 },
    FromTheHub { port: u16 },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Greeting(answer) => answer.fmt(f),
            Self::Answered { port, speaks } => write!(f, "a question in clear to port {port} was answered in {speaks}"),
            Self::BehindHeader { port } => {
                write!(f, "behind a header of the PROXY protocol port {port} answers the same TLS hello")
            }
            Self::FromTheHub { port } => write!(
                f,
                "port {port} answers from as far away as one of the same address on which the hub shows its certificate"
            ),
            Self::NoTls { port } => write!(f, "a TLS hello to port {port} gets nothing, whatever name it holds"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::FirstBytes;

    #[test]
    fn only_what_is_known_is_named() {
        let asked = |protocol, bytes: &[u8]| {
            service_of(&ClearQuestion {
                protocol,
                duration_ms: 1.0,
                reply: ClearReply::Bytes { first_bytes: FirstBytes::of(bytes) },
            })
        };
        assert_eq!(asked(ClearProtocol::Mqtt, &[0x20, 2, 0, 5]), Some(Service::Mqtt));
        assert_eq!(asked(ClearProtocol::Amqp, b"AMQP\0\0\x09\x01"), Some(Service::Amqp));
        assert_eq!(asked(ClearProtocol::Mqtt, b"SSH-2.0-OpenSSH_9.2\r\n"), Some(Service::Ssh));
        assert_eq!(asked(ClearProtocol::Amqp, &[0x20, 2, 0, 5]), None);
        assert_eq!(asked(ClearProtocol::Mqtt, &[0x15, 3, 1, 0, 2]), None, "a TLS alert");
        assert_eq!(asked(ClearProtocol::Mqtt, b"  220 welcome"), None, "a space is no CONNACK");
    }
}
