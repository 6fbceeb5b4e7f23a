//! The certificate is for other names.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        cause_kind::CauseKind,
        evidence::Statement,
        near_name::{self, Near},
        occurrence::Occurrence,
        refusal::Refusal,
        scope::Scope,
        text::{clipped, listed},
        verdict::AttemptVerdict,
    },
    hub::HubHost,
    observation::Stage,
};

/// What stands for the names of a certificate that has none.
const NO_NAME: &str = "no name at all";

/// How many of a foreign certificate's names are shown.
const MOST_NAMES: usize = 5;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct CertificateNameMismatch {
    /// Those that it is for, as a sentence tells them.
    names: String,
    /// The name to give in place of an address, where the certificate has one.
    #[serde(skip)]
    name: Option<String>,
    #[serde(skip)]
    asked: Asked,
    /// One of its names that comes close to what was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    near: Option<Near>,
}

/// What the hub was asked for by.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Asked {
    #[default]
    Name,
    Address(IpAddr),
    /// An address, which the certificate has as if it were a DNS name.
    WrittenAsName(IpAddr),
}

impl CauseKind for CertificateNameMismatch {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::AnyoneOnPath,
        explanation: "A certificate of another name: the hostname is wrong, or the address belongs to another \
            machine. Where an address was given in place of the hub's name, certificates seldom hold it: give the name, and \
            the address with `--address`. A wildcard stands for one label: `*.example.net` is not for `a.b.example.net`.",
        proof: "The name is not among the certificate's own, and the chain leads to a trusted root, or to none that is known \
            to sign this hub. That the name server sent us to another machine (`dns-hijack`) is not ruled out in this \
            version, which leaves it `possible`; where an address was given, no name server was asked.",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.asked {
            Asked::Name => {
                format!("The certificate is not for {}, but for {}", scope.host(), scope.or_word("NAMES", &self.names))
            }
            Asked::Address(_) => format!("An address was given, and the certificate is for {}", self.names),
            Asked::WrittenAsName(ip) => format!("The certificate has {ip} as a DNS name, not as an IP address"),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        if let Some(near) = &self.near {
            return near.advice(scope);
        }
        match (self.asked, &self.name) {
            (Asked::Name, _) => {
                "Check the hostname, and that its address is the hub's: what other name servers and `--address` say."
                    .to_owned()
            }
            (Asked::Address(ip), Some(name)) => format!(
                "Give the hub's name, and the address beside it, which skips DNS: hubreach {name} --address {ip}. Devices need \
                 the name too."
            ),
            (Asked::Address(ip), None) => format!(
                "Give the hub's name{} in place of the address, and `--address {ip}` beside it, which skips DNS. Devices need \
                 the name too.",
                if self.names == NO_NAME { String::new() } else { format!(" (of the form {})", self.names) }
            ),
            (Asked::WrittenAsName(ip), _) => {
                format!("Reissue the certificate with the address as an IP address: subjectAltName = IP:{ip}.")
            }
        }
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let (trust, is_anchored) = match context.refusal()? {
            Refusal::OtherName(trust) => (trust, true),
            Refusal::Elsewhere(trust) => (trust, false),
            _ => return None,
        };
        let all = context.chain().first().map(|own| own.names.as_slice()).unwrap_or_default();
        let address: Option<IpAddr> = context.observations.hub.host.parse().ok();
        let asked = match address {
            None => Asked::Name,
            Some(ip) if all.iter().any(|name| name.parse() == Ok(ip)) => Asked::WrittenAsName(ip),
            Some(ip) => Asked::Address(ip),
        };
        let name = all.iter().find(|name| HubHost::parse(name).is_ok_and(|host| host.name().is_some()));
        let name = name.map(|name| clipped(name));
        let names = all;
        let names: Vec<String> = names.iter().take(MOST_NAMES).map(|name| clipped(name)).collect();
        let names = if names.is_empty() { NO_NAME.to_owned() } else { clipped(&listed(&names)) };
        let summary = format!("the certificate is for {names}");
        let observed = Observed { names: names.clone(), is_anchored };
        let near = if asked == Asked::Name { near_name::nearest(&context.observations.hub.host, all) } else { None };
        let cause = Self { names, name, asked, near };
        let occurrence = match asked {
            Asked::Name => Occurrence::possible(cause, &[Code::DnsHijack]),
            Asked::Address(_) => Occurrence::likely(cause),
            Asked::WrittenAsName(_) => Occurrence::likely(cause).owner(Owner::HubOwner),
        };
        let occurrence = match is_anchored {
            true => occurrence.evidence(observed),
            // Who inspects TLS makes a certificate with the hub's name.
            false => occurrence.or(Code::CertificateUntrusted).evidence(observed),
        };
        let occurrence = match trust.authority().leads_to_a_root() {
            true => occurrence,
            false => occurrence.or(Code::TlsIntercepted),
        };
        Some(AttemptVerdict::blocked(summary, occurrence))
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Observed {
    names: String,
    is_anchored: bool,
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { names, is_anchored } = self;
        match is_anchored {
            true => write!(f, "the certificate leads to a known root and is for {names}"),
            false => write!(
                f,
                "the certificate is for {names}, and no root that is known to sign this hub, nor any of this device, vouches \
                 for it: another machine answers, or a default certificate of its own"
            ),
        }
    }
}
