//! What the proxy setting names does not answer as such a proxy does.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        evidence::Statement,
        occurrence::Occurrence,
        presented_chain::store_verdict_text,
        proxy_answers::{ProxyAnswer, Refusal},
        scope::Scope,
        text::clipped,
    },
    hub::ProxyScheme,
    observation::{FirstBytes, ProxyFailure, Stage, TlsFailure, Trust},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ProxyProtocolError {
    /// Its URL, without credentials.
    proxy: String,
    /// What is wrong with the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Problem {
    /// It does not take CONNECT: a web server, or a gateway that is no forward proxy.
    NoConnect,
    /// It wants a browser to go elsewhere first.
    Redirects,
    /// It refuses CONNECT by a status that has no meaning for it.
    OtherStatus,
    /// It speaks TLS, and the setting says that it is spoken to in clear.
    SpeaksTls,
    /// It speaks HTTP, and the setting names another protocol.
    SpeaksHttp,
    /// It speaks SOCKS 5, and the setting names another protocol.
    SpeaksSocks,
    /// It does not speak TLS, and the setting says so.
    NoTls,
    /// This device does not trust its certificate.
    CertificateRefused,
    /// Its certificate is for other names than the one in the setting.
    OtherName,
    /// Only the time of its certificate is wrong.
    OutOfValidity,
    /// Its protocol has no way to say what the setting asks for.
    CannotBeSaid,
    /// Anything else.
    Other,
}

impl CauseKind for ProxyProtocolError {
    const ENTRY: Entry = Entry {
        stage: Stage::Proxy,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::OnlyTheAccused,
        explanation: "What answers at the proxy's address is not a proxy of the kind that the setting names: a web server or a \
            reverse proxy that does not take CONNECT, another port than the proxy's, SOCKS in the place of HTTP, TLS where the \
            setting says `http://` or the other way round, or a proxy over TLS whose certificate this device does not accept.",
        proof: "The first bytes of the answer, its status (such as 400, 404, 405 or 501 to CONNECT), or the failure of the TLS \
            handshake with the proxy itself.",
    };

    fn title(&self, scope: &Scope) -> String {
        let proxy = scope.or_placeholder("PROXY", &self.proxy);
        match self.problem {
            Some(Problem::NoConnect) => format!("{proxy} is a web server, or a proxy that does not take CONNECT"),
            Some(Problem::Redirects) => format!("{proxy} answers CONNECT with a web page's address"),
            Some(Problem::OtherStatus) => {
                format!("The proxy {proxy} refuses connections, and does not say why in a way that is known")
            }
            Some(Problem::SpeaksTls) => format!("{proxy} speaks TLS, and the proxy setting does not say so"),
            Some(Problem::SpeaksHttp) => format!("{proxy} speaks HTTP, unlike the proxy setting"),
            Some(Problem::SpeaksSocks) => format!("{proxy} speaks SOCKS 5, unlike the proxy setting"),
            Some(Problem::NoTls) => format!("{proxy} does not complete TLS, and the proxy setting asks for it"),
            Some(Problem::CertificateRefused) => {
                format!("This device does not trust the certificate of the proxy {proxy}")
            }
            Some(Problem::OtherName) => {
                format!("The certificate of the proxy {proxy} is for another name than the setting has")
            }
            Some(Problem::OutOfValidity) => {
                format!("The certificate of the proxy {proxy} is not valid at the time of this device's clock")
            }
            Some(Problem::CannotBeSaid) => {
                format!("The proxy {proxy} cannot be asked in its protocol for what the setting says")
            }
            Some(Problem::Other) | None => format!("{proxy} does not answer as a proxy does"),
        }
    }

    fn fix(&self, _: &Scope) -> String {
        match self.problem {
            Some(Problem::Redirects) => {
                "Let devices through without a web page to log in by, for they have no browser; if there is none, it is a web \
                 server, and host and port in the setting of this device are wrong."
            }
            Some(Problem::CannotBeSaid) => "Correct the proxy setting: what is measured says what does not fit.",
            Some(Problem::OtherStatus) => "Look into the log of the proxy for what this device asks for.",
            Some(Problem::SpeaksTls) => {
                "Write https:// in front of the proxy in the setting, or use its port without TLS: \
                most device SDKs cannot speak TLS with a proxy."
            }
            Some(Problem::SpeaksHttp) => "Write http:// in front of the proxy in the setting, or use its SOCKS port.",
            Some(Problem::SpeaksSocks) => {
                "Write socks5h:// in front of the proxy in the setting, or use its HTTP port."
            }
            Some(Problem::NoTls) => {
                "Write http:// in front of the proxy in the setting, or socks5h:// if it speaks SOCKS, unless it has a port \
                 for TLS."
            }
            Some(Problem::CertificateRefused) => {
                "Add the authority that signs the proxy's certificate to this device's trust \
                store, or use the proxy's port without TLS."
            }
            Some(Problem::OtherName) => {
                "Write the proxy in the setting by a name that its certificate has, or use the proxy's port without TLS."
            }
            Some(Problem::OutOfValidity) => {
                "Check this device's clock; if it is right, ask the proxy's administrator to renew the certificate."
            }
            _ => "Check host and port of the proxy in the setting.",
        }
        .to_owned()
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let proxy = context.proxy()?;
        let failure = context.attempt.proxy.as_ref()?.failure()?;
        let refusal = context.proxy_refusal().filter(|one| matches!(one, Refusal::Protocol | Refusal::Closed))?;
        let problem = match context.proxy_speaks_tls() {
            true => Problem::SpeaksTls,
            false => Problem::of(failure, context.proxy_trust(), proxy.scheme),
        };
        let cause = ProxyProtocolError { proxy: clipped(&proxy.url()), problem: Some(problem) };
        let summary = match failure {
            ProxyFailure::Refused { status } => format!("the proxy answers HTTP {status} to CONNECT"),
            ProxyFailure::Tls { .. } => "TLS with the proxy itself fails".to_owned(),
            ProxyFailure::NotSent { .. } => "the proxy cannot be asked".to_owned(),
            _ => "what answers is no such proxy".to_owned(),
        };
        let owner = match cause.problem {
            Some(Problem::Redirects | Problem::OtherStatus) => Owner::ProxyAdmin,
            _ => Owner::Operator,
        };
        let occurrence = match (refusal, failure) {
            (Refusal::Closed, _) => Occurrence::possible(cause, &[Code::ProxyHostDenied, Code::ProxyUpstreamFailure]),
            (_, ProxyFailure::TimedOut { .. }) if problem != Problem::SpeaksTls => Occurrence::likely(cause),
            _ => Occurrence::confirmed(cause),
        }
        .owner(owner);
        Some(AttemptVerdict::blocked(summary, occurrence.evidence(Observed::of(context, failure))))
    }
}

impl Problem {
    fn of(failure: &ProxyFailure, trust: Option<&Trust>, scheme: ProxyScheme) -> Self {
        let is_http = matches!(scheme, ProxyScheme::Http | ProxyScheme::Https);
        match failure {
            // What servers answer that know no CONNECT, or no such target (RFC 9110, section 9.3.6), or guard all that they have (401).
            ProxyFailure::Refused { status: 200 | 400 | 401 | 404 | 405 | 501 } => Self::NoConnect,
            ProxyFailure::Refused { status: 300..=399 } => Self::Redirects,
            ProxyFailure::Refused { .. } => Self::OtherStatus,
            ProxyFailure::NotSent { .. } => Self::CannotBeSaid,
            ProxyFailure::Tls { failure: TlsFailure::NotAccepted } => match trust {
                Some(trust) if trust.device.leads_to_a_root() && !trust.name_matches => Self::OtherName,
                Some(trust) if trust.device.is_only_time() => Self::OutOfValidity,
                _ => Self::CertificateRefused,
            },
            ProxyFailure::Tls { failure: TlsFailure::NotTls { first_bytes } }
                if first_bytes.as_slice().first() == Some(&5) =>
            {
                Self::SpeaksSocks
            }
            ProxyFailure::Tls { .. } => Self::NoTls,
            ProxyFailure::Mismatch { first_bytes } => match first_bytes.as_slice() {
                // An alert or a handshake record (RFC 8446, section 5.1).
                [21 | 22, 3, ..] => Self::SpeaksTls,
                [b'H', b'T', b'T', b'P', ..] if !is_http => Self::SpeaksHttp,
                [5, ..] if is_http => Self::SpeaksSocks,
                _ => Self::Other,
            },
            _ => Self::Other,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    Answer(ProxyAnswer),
    Bytes(FirstBytes),
    Words(String),
    NotSent(String),
}

impl Observed {
    fn of(context: AttemptContext<'_>, failure: &ProxyFailure) -> Self {
        match (failure, context.proxy_answer()) {
            (ProxyFailure::Mismatch { first_bytes }, _) => Self::Bytes(first_bytes.clone()),
            (ProxyFailure::Tls { failure }, _) => Self::Words(tls_words(failure, context.proxy_trust())),
            (ProxyFailure::NotSent { message }, _) => Self::NotSent(clipped(message)),
            (_, Some(answer)) => Self::Answer(answer),
            (_, None) => Self::Words("no answer is recorded".to_owned()),
        }
    }
}

fn tls_words(failure: &TlsFailure, trust: Option<&Trust>) -> String {
    match failure {
        TlsFailure::NotAccepted => match trust {
            Some(trust) if trust.signature_verified == Some(false) => {
                "it does not hold its certificate's key".to_owned()
            }
            Some(trust) => {
                let name = if trust.name_matches { "has" } else { "does not have" };
                let chain = store_verdict_text(&trust.device);
                format!("its certificate {name} the name in the setting, and this device's store says of it: {chain}")
            }
            None => "its certificate is not accepted".to_owned(),
        },
        TlsFailure::NotTls { .. } => "it answers a TLS hello with what is not TLS".to_owned(),
        TlsFailure::Alert { name, .. } => format!("it answers a TLS hello with the alert {}", clipped(name)),
        TlsFailure::TimedOut { .. } => "it does not answer a TLS hello".to_owned(),
        TlsFailure::Closed { .. } | TlsFailure::Reset { .. } => "it ends the connection after a TLS hello".to_owned(),
        _ => "the TLS handshake with it fails".to_owned(),
    }
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(answer) => answer.fmt(f),
            Self::Bytes(bytes) => write!(f, "its answer begins with {}", bytes.readable()),
            Self::Words(words) => f.write_str(words),
            Self::NotSent(why) => write!(f, "the request was not sent: {why}"),
        }
    }
}
