//! What a proxy answers, whichever protocol it speaks, and what it answers to other requests.

use std::fmt;

use super::{
    attempt_context::AttemptContext,
    evidence::Statement,
    text::{clipped, duration_in_sentence, listed},
};
use crate::hub::ProxyScheme;
use crate::observation::{Ending, ProxyDestination, ProxyEvidence, ProxyFailure, ProxyTrial, StageResult, Trust, kind};

/// What keeps a proxy from connecting to the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It wants another login.
    Login,
    /// Its rules deny it.
    Denied,
    /// It tried, and failed.
    Upstream,
    /// It ended the connection without an answer.
    Closed,
    /// It does not answer in time.
    Silent,
    /// What answers does not speak the protocol of the setting.
    Protocol,
}

impl Refusal {
    pub(super) fn of(failure: &ProxyFailure) -> Self {
        match failure {
            ProxyFailure::NoMethod | ProxyFailure::LoginRefused | ProxyFailure::Refused { status: 407 } => Self::Login,
            ProxyFailure::Refused { status: 403 | 451 } | ProxyFailure::SocksRefused { reply: 2 } => Self::Denied,
            ProxyFailure::Refused { status: 500 | 502..=504 | 520..=530 }
            | ProxyFailure::SocksRefused { reply: 1 | 3..=6 } => Self::Upstream,
            ProxyFailure::Ended(Ending::Flood { .. }) => Self::Protocol,
            ProxyFailure::Ended(_) => Self::Closed,
            ProxyFailure::TimedOut { bytes_received: 0 } => Self::Silent,
            ProxyFailure::Refused { .. }
            | ProxyFailure::SocksRefused { .. }
            | ProxyFailure::TimedOut { .. }
            | ProxyFailure::Tls { .. }
            | ProxyFailure::Mismatch { .. }
            | ProxyFailure::TooLarge
            | ProxyFailure::NotSent { .. } => Self::Protocol,
        }
    }
}

/// The names of the replies (RFC 1928, section 6).
const SOCKS_REPLIES: [&str; 9] = [
    "succeeded",
    "general failure",
    "not allowed by ruleset",
    "network unreachable",
    "host unreachable",
    "connection refused",
    "TTL expired",
    "command not supported",
    "address type not supported",
];

/// What a proxy of this URL is asked for, as its administrator calls it.
pub(super) fn request(proxy: &str) -> &'static str {
    if proxy.starts_with("socks") { "connections" } else { "CONNECT" }
}

/// One request and its answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ProxyAnswer {
    target: String,
    logged_in: bool,
    answer: Answer,
}

#[derive(Debug, Clone, PartialEq)]
enum Answer {
    Accepted,
    Http { status: u16, reason: String, by: Option<String>, offered: Vec<String> },
    Socks { reply: u8 },
    NoMethod,
    LoginRefused,
    Closed,
    Silent { waited: String },
    Tls,
    Other,
}

impl ProxyAnswer {
    /// That to a request of the checks or of an experiment; `None` if it was not made to the end.
    pub(super) fn of(stage: &StageResult<ProxyEvidence, ProxyFailure>) -> Option<Self> {
        if matches!(stage, StageResult::NotReached | StageResult::Cancelled { .. }) {
            return None;
        }
        // An edited file may have a failure alone.
        let evidence = stage.evidence().cloned().unwrap_or_default();
        let http = |status: u16| {
            let response = evidence.response.as_ref();
            let header = |name| response.and_then(|response| response.header(name)).map(clipped);
            Answer::Http {
                status,
                reason: response.map(|response| clipped(&response.reason)).unwrap_or_default(),
                by: header("server").or_else(|| header("via")),
                offered: evidence.offered.iter().map(|scheme| clipped(scheme)).collect(),
            }
        };
        let answer = match stage.failure() {
            None => Answer::Accepted,
            Some(ProxyFailure::Refused { status }) => http(*status),
            Some(ProxyFailure::SocksRefused { reply }) => Answer::Socks { reply: *reply },
            Some(ProxyFailure::NoMethod) => Answer::NoMethod,
            Some(ProxyFailure::LoginRefused) => Answer::LoginRefused,
            Some(ProxyFailure::Ended(_)) => Answer::Closed,
            Some(ProxyFailure::Tls { .. }) => Answer::Tls,
            Some(ProxyFailure::TimedOut { .. }) => {
                Answer::Silent { waited: duration_in_sentence(stage.duration_ms().unwrap_or_default()) }
            }
            Some(ProxyFailure::Mismatch { .. } | ProxyFailure::TooLarge | ProxyFailure::NotSent { .. }) => {
                Answer::Other
            }
        };
        let target = if evidence.target.is_empty() { "the hub".to_owned() } else { clipped(&evidence.target) };
        Some(Self { target, logged_in: evidence.logged_in, answer })
    }
}

impl Statement for ProxyAnswer {
    fn is_like(&self, other: &Self) -> bool {
        self.answer == other.answer
    }
}

impl fmt::Display for ProxyAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, logged_in, answer } = self;
        let with = if *logged_in { " with the credentials given" } else { "" };
        write!(f, "asked{with} to connect to {target}, the proxy ")?;
        match answer {
            Answer::Accepted => write!(f, "does"),
            Answer::Http { status, reason, by, offered } => {
                write!(f, "answers HTTP {status}")?;
                if !reason.is_empty() {
                    write!(f, " {reason}")?;
                }
                if let Some(by) = by {
                    write!(f, " ({by})")?;
                }
                match offered.as_slice() {
                    [] => Ok(()),
                    offered => write!(f, " and offers to log in by {}", listed(offered)),
                }
            }
            Answer::Socks { reply } => match SOCKS_REPLIES.get(usize::from(*reply)) {
                Some(name) => write!(f, "answers SOCKS reply {reply}, {name}"),
                None => write!(f, "answers SOCKS reply {reply}"),
            },
            Answer::NoMethod => write!(f, "takes none of the SOCKS login methods offered"),
            Answer::LoginRefused => write!(f, "refuses the SOCKS login"),
            Answer::Closed => write!(f, "ends the connection without an answer"),
            Answer::Silent { waited } => write!(f, "says nothing for {waited}"),
            Answer::Tls => write!(f, "does not complete TLS with this device"),
            Answer::Other => write!(f, "answers what is no answer in its protocol"),
        }
    }
}

impl<'a> AttemptContext<'a> {
    /// How the proxy refused this attempt.
    pub(super) fn proxy_refusal(&self) -> Option<Refusal> {
        self.refusal(self.attempt.proxy.as_ref()?)
    }

    /// How the proxy refused a request of this run.
    fn refusal(&self, answer: &StageResult<ProxyEvidence, ProxyFailure>) -> Option<Refusal> {
        let evidence = answer.evidence();
        Some(match (Refusal::of(answer.failure()?), answer.failure()?) {
            // A greeting asks for nothing yet for which the proxy would have to wait.
            (Refusal::Silent, _) if self.is_socks() && evidence.is_none_or(|seen| seen.socks_method.is_none()) => {
                Refusal::Protocol
            }
            (Refusal::Closed | Refusal::Silent, _) if self.proxy_speaks_tls() => Refusal::Protocol,
            // tinyproxy refuses a wrong login so, but not a missing one.
            (Refusal::Protocol, ProxyFailure::Refused { status: 401 }) if self.wants_login_without_one() => {
                Refusal::Login
            }
            (refusal, _) => refusal,
        })
    }

    fn is_socks(&self) -> bool {
        self.proxy().is_some_and(|proxy| proxy.scheme.is_socks())
    }

    /// Whether the proxy answers a TLS hello, though the setting says that it is spoken to in clear.
    pub(super) fn proxy_speaks_tls(&self) -> bool {
        self.observations.facts::<kind::ProxyConnect>().any(|connect| connect.speaks_tls == Some(true))
    }

    fn wants_login_without_one(&self) -> bool {
        let without = |trial: &ProxyTrial| trial.answer.evidence().is_some_and(|seen| !seen.logged_in);
        let refused = |trial: &ProxyTrial| trial.answer.failure().map(Refusal::of) == Some(Refusal::Login);
        self.proxy_trials(ProxyDestination::HubName).any(|trial| without(trial) && refused(trial))
    }

    /// Whether the hub's name was given to the proxy, and not an address (SOCKS 5 can do either).
    pub(super) fn proxy_knows_the_name(&self) -> bool {
        self.proxy().is_some_and(|proxy| proxy.scheme != ProxyScheme::Socks5)
    }

    /// The status by which it refused.
    pub(super) fn proxy_status(&self) -> Option<u16> {
        match self.attempt.proxy.as_ref()?.failure()? {
            ProxyFailure::Refused { status } => Some(*status),
            _ => None,
        }
    }

    /// The answer to this attempt.
    pub(super) fn proxy_answer(&self) -> Option<ProxyAnswer> {
        ProxyAnswer::of(self.attempt.proxy.as_ref()?)
    }

    /// How this device judged the certificate of a proxy over TLS.
    pub(super) fn proxy_trust(&self) -> Option<&'a Trust> {
        self.attempt.proxy.as_ref()?.evidence()?.tls.as_ref()?.trust.as_ref()
    }

    /// What the proxy answered to each request for the hub by name, those of the checks first.
    pub(super) fn requests_for_the_hub(
        &self,
    ) -> impl Iterator<Item = (u16, &'a StageResult<ProxyEvidence, ProxyFailure>)> + use<'a> {
        let checks = self.observations.checks.iter().flat_map(|check| {
            check.attempts.iter().filter_map(move |attempt| Some((check.port, attempt.proxy.as_ref()?)))
        });
        checks.chain(self.proxy_trials(ProxyDestination::HubName).map(|trial| (trial.port, &trial.answer)))
    }

    /// The experiments with this destination.
    pub(super) fn proxy_trials(&self, destination: ProxyDestination) -> impl Iterator<Item = &'a ProxyTrial> + use<'a> {
        let trials = self.observations.facts::<kind::ProxyConnect>().flat_map(|connect| &connect.trials);
        trials.filter(move |trial| trial.destination == destination)
    }

    /// What the proxy answered for this port of the hub, where it was asked by name.
    pub(super) fn refusal_of_port(&self, port: u16) -> Option<Refusal> {
        self.requests_for_the_hub().filter(|(asked, _)| *asked == port).find_map(|(_, answer)| self.refusal(answer))
    }

    /// An answer by which the proxy tried to connect to another port of the hub, and failed: its rules allow that port.
    pub(super) fn tried_at_another_port(&self) -> Option<&'a StageResult<ProxyEvidence, ProxyFailure>> {
        self.refused_at_another_port(Refusal::Upstream)
    }

    /// An answer by which the proxy refused another port of the hub like this.
    pub(super) fn refused_at_another_port(&self, how: Refusal) -> Option<&'a StageResult<ProxyEvidence, ProxyFailure>> {
        let port = self.port();
        let logged_in = |answer: &StageResult<ProxyEvidence, ProxyFailure>| Some(answer.evidence()?.logged_in);
        let own = self.attempt.proxy.as_ref().and_then(logged_in);
        // Of a request with a login, one without tells nothing.
        let is_alike = |answer: &StageResult<ProxyEvidence, ProxyFailure>| logged_in(answer) == own;
        let mut others = self
            .requests_for_the_hub()
            .filter(|(other, answer)| *other != port && is_alike(answer) && self.refusal(answer) == Some(how));
        others.next().map(|(_, answer)| answer)
    }

    /// Whether anything that the proxy answered in this run is of the protocol that the setting names.
    pub(super) fn proxy_speaks_its_protocol(&self) -> bool {
        let speaks = |stage: &StageResult<ProxyEvidence, ProxyFailure>| match self.refusal(stage) {
            None => stage.is_ok(),
            Some(refusal) => matches!(refusal, Refusal::Login | Refusal::Denied | Refusal::Upstream),
        };
        let trials = self.observations.facts::<kind::ProxyConnect>().flat_map(|connect| &connect.trials);
        self.requests_for_the_hub().any(|(_, answer)| speaks(answer))
            || trials.into_iter().any(|trial| speaks(&trial.answer))
    }

    /// An answer by which the proxy connects to another port of the hub than this check's.
    pub(super) fn accepted_at_another_port(&self) -> Option<&'a StageResult<ProxyEvidence, ProxyFailure>> {
        let port = self.port();
        self.requests_for_the_hub().find(|(other, answer)| *other != port && answer.is_ok()).map(|(_, answer)| answer)
    }

    /// The request by which the proxy connects to an address of the hub, if it connects by name at no port at all.
    pub(super) fn accepted_by_address_alone(&self) -> Option<&'a ProxyTrial> {
        let by_name = self.requests_for_the_hub().any(|(_, answer)| answer.is_ok());
        self.proxy_trials(ProxyDestination::HubAddress).find(|trial| trial.answer.is_ok() && !by_name)
    }

    /// Whether the proxy connected to this very port of the hub for another request.
    pub(super) fn accepts_this_port_elsewhere(&self) -> bool {
        let port = self.port();
        self.requests_for_the_hub().any(|(asked, answer)| asked == port && answer.is_ok())
    }
}
