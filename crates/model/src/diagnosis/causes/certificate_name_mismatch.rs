//! The certificate is for other names.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        certificate_refusal::CertificateRefusal,
        evidence::Statement,
        near_name::{self, NearName},
        occurrence::Occurrence,
        scope::Scope,
        text::{clipped, listed},
    },
    hub::HubHost,
    observation::Stage,
};

/// Shown for a certificate without names.
const NO_NAME_TEXT: &str = "no name at all";

/// A foreign certificate may have hundreds of names; a few identify it.
const MAX_NAMES: usize = 5;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct CertificateNameMismatch {
    /// The names that it is for, as text.
    names: String,
    /// The name to use instead of an address, if the certificate has one.
    #[serde(skip)]
    name: Option<String>,
    #[serde(skip)]
    given: GivenHost,
    /// One of its names that is close to the name that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    near: Option<NearName>,
}

/// What the user gave as the hub.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum GivenHost {
    #[default]
    Name,
    Address(IpAddr),
    /// An address that the certificate contains as a DNS name.
    AddressAsDnsName(IpAddr),
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
        match self.given {
            GivenHost::Name => {
                format!(
                    "The certificate is not for {}, but for {}",
                    scope.host(),
                    scope.or_placeholder("NAMES", &self.names)
                )
            }
            GivenHost::Address(_) => format!("An address was given, and the certificate is for {}", self.names),
            GivenHost::AddressAsDnsName(ip) => format!("The certificate has {ip} as a DNS name, not as an IP address"),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        if let Some(near) = &self.near {
            return near.advice(scope);
        }
        match (self.given, &self.name) {
            (GivenHost::Name, _) => {
                "Check the hostname, and that its address is the hub's: what other name servers and `--address` say."
                    .to_owned()
            }
            (GivenHost::Address(ip), Some(name)) => format!(
                "Give the hub's name, and the address beside it, which skips DNS: hubreach {name} --address {ip}. Devices need \
                 the name too."
            ),
            (GivenHost::Address(ip), None) => format!(
                "Give the hub's name{} in place of the address, and `--address {ip}` beside it, which skips DNS. Devices need \
                 the name too.",
                if self.names == NO_NAME_TEXT { String::new() } else { format!(" (of the form {})", self.names) }
            ),
            (GivenHost::AddressAsDnsName(ip), _) => {
                format!("Reissue the certificate with the address as an IP address: subjectAltName = IP:{ip}.")
            }
        }
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let (trust, is_anchored) = match context.certificate_refusal()? {
            CertificateRefusal::OtherName(trust) => (trust, true),
            CertificateRefusal::ForeignOtherName(trust) => (trust, false),
            _ => return None,
        };
        let all = context.chain().first().map(|own| own.names.as_slice()).unwrap_or_default();
        let address: Option<IpAddr> = context.observations.hub.host.parse().ok();
        let given = match address {
            None => GivenHost::Name,
            Some(ip) if all.iter().any(|name| name.parse() == Ok(ip)) => GivenHost::AddressAsDnsName(ip),
            Some(ip) => GivenHost::Address(ip),
        };
        let name = all.iter().find(|name| HubHost::parse(name).is_ok_and(|host| host.name().is_some()));
        let name = name.map(|name| clipped(name));
        let names = all;
        let names: Vec<String> = names.iter().take(MAX_NAMES).map(|name| clipped(name)).collect();
        let names = if names.is_empty() { NO_NAME_TEXT.to_owned() } else { clipped(&listed(&names)) };
        let summary = format!("the certificate is for {names}");
        let observed = Observed { names: names.clone(), is_anchored };
        let near =
            if given == GivenHost::Name { near_name::nearest(&context.observations.hub.host, all) } else { None };
        let cause = Self { names, name, given, near };
        let occurrence = match given {
            GivenHost::Name => Occurrence::possible(cause, &[Code::DnsHijack]),
            GivenHost::Address(_) => Occurrence::likely(cause),
            GivenHost::AddressAsDnsName(_) => Occurrence::likely(cause).owner(Owner::HubOwner),
        };
        let occurrence = match is_anchored {
            true => occurrence.evidence(observed),
            // TLS inspection would make a certificate with the hub's name.
            false => occurrence.or_possibly(Code::CertificateUntrusted).evidence(observed),
        };
        let is_foreign = !trust.authority().leads_to_a_root();
        Some(AttemptVerdict::blocked(summary, occurrence.or_possibly_if(is_foreign, Code::TlsIntercepted)))
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
