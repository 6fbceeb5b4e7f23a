//! No answer from any resolver.

use std::net::IpAddr;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        cause_kind::CauseKind,
        dns::{Answers, QueryRejection, ServerAnswer, ServerResult},
        occurrence::Occurrence,
        scope::Scope,
        unresolved::{SystemFailure, UnresolvedReason, owner_of_answers},
    },
    observation::{Observations, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsTimeout {
    /// The sender of the rejection, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    offender: Option<IpAddr>,
    #[serde(skip)]
    reason: SilenceReason,
}

/// What is silent.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum SilenceReason {
    #[default]
    Servers,
    /// A forwarder on this machine.
    Forwarder,
    /// No server is configured, so only this machine is asked.
    NoneConfigured,
    /// Servers whose answers come from another address than was asked.
    AnswerElsewhere,
    /// A device on the path, or this machine, rejects the queries.
    Rejected(QueryRejection),
    /// The servers' own addresses reject them.
    NotServed,
}

impl CauseKind for DnsTimeout {
    const ENTRY: Entry = Entry {
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::NetworkAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The configured name servers cannot be reached, or are too slow. Without a name server no hub is found, \
            whatever its ports.",
        proof: "UDP and TCP port 53 of every configured name server are silent, or refuse. Where an ICMP error answers, its \
            sender is named: a router that forbids the questions is the firewall's owner's matter, a missing route the network's, \
            and what the server's own address says is the name server's, though `likely` at most, for anybody on the path can \
            send it in that name. The system's resolver alone reports a failure the same way, which leaves it `possible`.",
    };

    fn title(&self, _: &Scope) -> String {
        match self.reason {
            SilenceReason::Servers => "No name server answers".to_owned(),
            SilenceReason::Forwarder => "The forwarder on this machine does not answer for names".to_owned(),
            SilenceReason::NoneConfigured => "This machine has no name server configured".to_owned(),
            SilenceReason::AnswerElsewhere => {
                "The name server's answers come from an address that was not asked".to_owned()
            }
            SilenceReason::NotServed => "The name server's own address rejects the questions".to_owned(),
            SilenceReason::Rejected(rejected) => {
                format!(
                    "Questions to the name servers are rejected by {}: {}",
                    rejected.sender_address,
                    rejected.error.name()
                )
            }
        }
    }

    fn fix(&self, _: &Scope) -> String {
        let fix = match self.reason {
            SilenceReason::Servers => "Let this device reach its name servers: UDP and TCP port 53, and the way back.",
            SilenceReason::Forwarder => {
                "Start the forwarder again (`systemctl status systemd-resolved`, dnsmasq, the container engine), or name the \
                 servers behind it in resolv.conf. With a known address, `--address` tests the hub without DNS."
            }
            SilenceReason::NoneConfigured => {
                "Give this machine its name servers: DHCP, or `nameserver` lines in resolv.conf. With a known address, \
                 `--address` tests the hub without DNS."
            }
            SilenceReason::AnswerElsewhere => {
                "Have the name server answer from the address that it is asked at (one listening socket for each address), or \
                 name the other address in this device's list."
            }
            SilenceReason::NotServed => {
                "See whether the name service runs there and lets this network ask (UDP and TCP port 53), or give this device \
                 its right name servers (DHCP, resolv.conf). With a known address, `--address` tests the hub without DNS."
            }
            SilenceReason::Rejected(QueryRejection { sender_address, .. }) if self.is_forbidden() => {
                return format!(
                    "Allow UDP and TCP port 53 to the name servers at {sender_address}, or give this device name servers that this network \
                     lets it ask (DHCP, resolv.conf)."
                );
            }
            SilenceReason::Rejected(QueryRejection { sender_address, .. }) => {
                return format!(
                    "Find out why {sender_address} has no way to the name servers, or give this device others that it can reach (DHCP, \
                     resolv.conf)."
                );
            }
        };
        fix.to_owned()
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        let step = "Check that this device has the right name servers (DHCP, resolv.conf). With a known address, `--address` \
                    tests the hub without DNS.";
        (self.reason == SilenceReason::Servers).then(|| step.to_owned())
    }

    fn device(&self) -> Option<IpAddr> {
        self.offender
    }

    fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
        let possible = || Occurrence::possible(Self::default(), &[Code::DnsServerFailure]);
        let occurrence = match UnresolvedReason::of(run)? {
            UnresolvedReason::NoneAnswers(answers) => {
                let elsewhere = |result: &&ServerResult| matches!(result.answer, ServerAnswer::Elsewhere(_));
                let owner = owner_of_answers(&answers, Owner::NetworkAdmin);
                if let Some(rejected) = rejected(&answers).filter(|_| owner != Owner::Operator) {
                    let occurrence = rejected_occurrence(run, rejected).with_answers(&answers);
                    return Some(("the questions to the name servers are rejected", occurrence));
                }
                let (reason, owner) = match answers.of_configured().iter().any(elsewhere) {
                    true => (SilenceReason::AnswerElsewhere, Owner::DnsAdmin),
                    false if owner == Owner::Operator && run.vantage.resolvers.is_empty() => {
                        (SilenceReason::NoneConfigured, owner)
                    }
                    false if owner == Owner::Operator => (SilenceReason::Forwarder, owner),
                    false => (SilenceReason::Servers, owner),
                };
                // The server's own address says so, or a router, or this machine.
                let is_rejected = answers.of_configured().iter().any(|result| result.is_rejected_by_someone());
                Occurrence::confirmed(Self { offender: None, reason })
                    .owner(owner)
                    .with_answers(&answers)
                    .or_possibly_if(is_rejected, Code::IcmpReject)
            }
            UnresolvedReason::System(SystemFailure::TryAgainLate) => {
                possible().evidence("the system's resolver reports a temporary failure, after waiting for answers")
            }
            UnresolvedReason::System(SystemFailure::NoAnswer) => {
                possible().evidence("the system's resolver gave no answer")
            }
            _ => return None,
        };
        Some(("no name server answers", occurrence))
    }
}

impl DnsTimeout {
    fn is_forbidden(&self) -> bool {
        matches!(self.reason, SilenceReason::Rejected(rejected) if rejected.owner() != Owner::NetworkAdmin)
    }
}

/// The sender of the rejections, if all queries are rejected by one.
fn rejected(answers: &Answers) -> Option<QueryRejection> {
    let mut all = answers.of_configured().into_iter().map(ServerResult::rejected);
    let first = all.next()??;
    let alike = |other: Option<QueryRejection>| {
        other.is_some_and(|other| {
            other.sender_address == first.sender_address || first.is_from_server() && other.is_from_server()
        })
    };
    all.all(alike).then_some(first)
}

fn rejected_occurrence(run: &Observations, rejected: QueryRejection) -> Occurrence {
    let cause = |reason| DnsTimeout { offender: Some(rejected.sender_address), reason };
    match rejected.is_from_server() {
        // A firewall without an address of its own uses the address of the machine that it protects.
        true => Occurrence::confirmed(cause(SilenceReason::NotServed)).forgeable_by(Forgery::AnyoneOnPath),
        false => Occurrence::confirmed(cause(SilenceReason::Rejected(rejected))).located(rejected.location(run)),
    }
    .owner(rejected.owner())
}
