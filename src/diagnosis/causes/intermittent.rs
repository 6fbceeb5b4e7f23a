//! One endpoint, two outcomes: some connections to one address and port fail, others work.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use super::CauseKind;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        crowd,
        evidence::Statement,
        nat,
        occurrence::Occurrence,
        place::ResetFrom,
        scope::Scope,
        verdict::{AttemptVerdict, Reach},
    },
    observation::{ConnectFailure, Stage, Tries, kind},
    target::Requirement,
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Intermittent {
    /// How many of the tries failed.
    failed: usize,
    /// How many tries were made, one after another.
    tries: usize,
    /// Addresses are translated on the way.
    #[serde(skip)]
    translated: bool,
}

impl CauseKind for Intermittent {
    const ENTRY: Entry = Entry {
        word: "intermittent",
        stage: Stage::Connect,
        severity: Severity::Warning,
        owner: Owner::HubOwner,
        forgery: Forgery::OnlyAtTheHub,
        explanation: "Of several connections to one address and port some fail and others work, though nothing else is under way. \
            One of several machines behind the address is dead or overloaded, or something on the path stops a part of all \
            connections. Devices fail now and then, and succeed when they try again.",
        proof: "At least six tries, one after another and with nothing beside them. It is `confirmed` where the failures are \
            resets that come from as far away as the hub's answers; else it is `possible`, for who fails does not show. \
            What was refused while another check of the same port went through is `unknown`.",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.tries {
            0 => format!("Connections to {} of {} fail now and then", scope.tcp(), scope.host()),
            tries => {
                let failed = scope.or_word("SOME", self.failed);
                let tries = scope.or_word("ALL", tries);
                format!("{failed} of {tries} connections to {} of {} fail", scope.tcp(), scope.host())
            }
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let machines = format!(
            "Look at every machine that serves {} behind {}: one of them does not answer.",
            scope.tcp(),
            scope.host()
        );
        match self.translated {
            false => machines,
            true => format!(
                "If nothing fails on another network, restart the router here that translates addresses (NAT), or have its table \
                 widened: a full one fails so for every hub. Else: {machines}"
            ),
        }
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        let here = match self.translated {
            true => "Compare from another network.",
            false => {
                "Compare from another network: if nothing fails there, something here stops a part of the connections, and this \
                 network's administrator is to be asked."
            }
        };
        Some(here.to_owned())
    }

    fn is_same(&self, _: &Self) -> bool {
        true
    }

    fn merge(&mut self, other: &Self) {
        if other.tries > self.tries {
            self.clone_from(other);
        }
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        if !crowd::is_contradicted(context) {
            return None;
        }
        let occurrence = occurrence(context, context.shown::<kind::Tries>());
        let occurrence = occurrence.evidence(Seen::Contradicted {
            address: context.address(),
            port: context.port(),
            refused: !matches!(context.attempt.connect.failure(), Some(ConnectFailure::TimedOut { .. })),
        });
        // A SYN bears no protocol: what one check of the port is granted, no rule denies to another.
        let summary = "fails now and then: the same port took another connection";
        Some(AttemptVerdict::unknown(summary).with(occurrence))
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let failing = context.shown::<kind::Tries>().filter(|tries| tries.failures() > 0);
        let (Some(tries), Reach::Allowed) = (failing, verdict.reach) else { return verdict };
        // What counts connections counts the tries too.
        if crowd::refuses_what_works(context) || is_by_chance(context, tries) {
            return verdict;
        }
        let most = tries.tries.len() >= crowd::ENOUGH_TRIES && tries.failures() * 2 > tries.tries.len();
        let severity = if most && is_required(context) { Severity::Error } else { Severity::Warning };
        verdict.with(occurrence(context, Some(tries)).severity(severity))
    }
}

fn occurrence(context: AttemptContext<'_>, tries: Option<&Tries>) -> Occurrence {
    let (failed, made) = tries.map_or((0, 0), |tries| (tries.failures(), tries.tries.len()));
    // Where every try failed, the connection that the port took before is one of them.
    let before = made > 0 && failed == made && context.comparisons.is_taken(context.address(), context.port());
    let cause = Intermittent { failed, tries: made + usize::from(before), translated: nat::is_translated(context) };
    let all_answered = tries.is_some_and(|tries| tries.tries.iter().all(|one| one.answered));
    let occurrence = match context.reset_from() {
        ResetFrom::AsFarAs { .. } if failed > 0 && failed < made && all_answered => Occurrence::confirmed(cause),
        _ => Occurrence::possible(cause, &[Code::ConnectionLimit, Code::SilentDrop]),
    };
    match made {
        0 => occurrence,
        _ => occurrence.evidence(Seen::Tries { address: context.address(), port: context.port(), failed, made }),
    }
}

/// Whether one try alone was silent where packets get lost: one that was taken and then met silence, or one to an address that
/// answers SYNs late. A dead machine behind a load balancer takes nothing, and answers no SYN sent again.
fn is_by_chance(context: AttemptContext<'_>, tries: &Tries) -> bool {
    let mut failed = tries.tries.iter().filter_map(|one| Some((one.failed_at?, one.answered)));
    let (Some((stage, false)), None) = (failed.next(), failed.next()) else { return false };
    stage != Stage::Connect || context.comparisons.strain(context.address()).let_in_later
}

/// Whether the check is one that must be allowed, and none will do in its place.
fn is_required(context: AttemptContext<'_>) -> bool {
    match &context.seen.requirement {
        Requirement::All => true,
        Requirement::Any | Requirement::None => false,
        named @ Requirement::Each(_) => named.named().any(|protocol| protocol == context.check.protocol),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Seen {
    Tries { address: IpAddr, port: u16, failed: usize, made: usize },
    Contradicted { address: IpAddr, port: u16, refused: bool },
}

impl Statement for Seen {}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tries { address, port, failed, made } => write!(
                f,
                "of {made} connections to {address} port {port}, one after another and with nothing beside them, {failed} came \
                 to nothing"
            ),
            Self::Contradicted { address, port, refused } => {
                let how = if *refused { "refused" } else { "not answered" };
                write!(f, "{address} port {port} took one connection of this run, and another was {how}")
            }
        }
    }
}
