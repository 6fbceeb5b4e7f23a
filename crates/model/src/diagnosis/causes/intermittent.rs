//! One endpoint, two outcomes: some connections to one address and port fail, others work.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Confidence, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        cause_kind::CauseKind,
        crowd::{self, Crowded},
        evidence::Statement,
        location::ResetFrom,
        nat,
        occurrence::Occurrence,
        scope::Scope,
        verdict::{AttemptOutcome, AttemptVerdict},
    },
    hub::Requirement,
    observation::{ConnectFailure, Stage, Tries, kind},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Intermittent {
    /// How many of the tries failed.
    failed: usize,
    /// How many tries were made, one after another.
    tries: usize,
    /// Those that failed did so in TLS: another certificate was shown, or none.
    #[serde(skip)]
    in_tls: bool,
    /// Addresses are translated on the way.
    #[serde(skip)]
    translated: bool,
}

impl CauseKind for Intermittent {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Warning,
        owner: Owner::HubOwner,
        forgery: Forgery::OnlyAtTheHub,
        explanation: "Of several connections to one address and port some fail and others work, though nothing else is under way. \
            One of several machines behind the address is dead or overloaded, or has another certificate than the others; or \
            something on the path stops a part of all connections. Devices fail now and then, and succeed when they try again.",
        proof: "At least six tries, one after another and with nothing beside them. It is `confirmed` where the failures are \
            resets that come from as far away as the hub's answers; else it is `possible`, for who fails does not show. So it is \
            where all tries arrive, and the one that failed beside others failed although what counts connections would have let \
            it in. Where tries fail in TLS alone, and nobody signs for every name on the spot, it is `likely`. What was refused \
            while another check of the same port went through is `unknown`.",
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
        let what = if self.in_tls { "shows another certificate, or none" } else { "does not answer" };
        let machines =
            format!("Look at every machine that serves {} behind {}: one of them {what}.", scope.tcp(), scope.host());
        match self.translated && !self.in_tls {
            false => machines,
            true => format!(
                "If nothing fails on another network, restart the router here that translates addresses (NAT), or have its table \
                 widened: a full one fails so for every hub. Else: {machines}"
            ),
        }
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        let here = match (self.in_tls, self.translated) {
            (true, _) => "Compare from another network: if nothing fails there, the security team here is to be asked.",
            (false, true) => "Compare from another network.",
            (false, false) => {
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
        let occurrence = occurrence.evidence(Observed::Contradicted {
            address: context.address(),
            port: context.port(),
            refused: !matches!(context.attempt.connect.failure(), Some(ConnectFailure::TimedOut { .. })),
        });
        // A SYN bears no protocol: what one check of the port is granted, no rule denies to another.
        let summary = "fails now and then: the same port took another connection";
        Some(AttemptVerdict::unknown(summary).with(occurrence))
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let verdict = stopped_whatever_its_turn(context, of_one_machine(context, verdict));
        let failing = context.shown::<kind::Tries>().filter(|tries| tries.failures() > 0);
        let (Some(tries), AttemptOutcome::Allowed) = (failing, verdict.outcome) else { return verdict };
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
    let in_tls = tries.is_some_and(fail_in_tls);
    let translated = nat::is_translated(context);
    let cause = Intermittent { failed, tries: made + usize::from(before), in_tls, translated };
    let all_answered = tries.is_some_and(|tries| tries.tries.iter().all(|one| one.answered));
    let occurrence = match context.reset_from() {
        ResetFrom::AsFarAs { .. } if failed > 0 && failed < made && all_answered && !in_tls => {
            Occurrence::confirmed(cause)
        }
        _ if in_tls => Occurrence::likely(cause),
        _ => Occurrence::possible(cause, &[Code::ConnectionLimit, Code::SilentDrop]),
    };
    match made {
        0 => occurrence,
        _ => occurrence.evidence(Observed::Tries { address: context.address(), port: context.port(), failed, made }),
    }
}

/// Whether one try alone was silent where packets get lost: one that was taken and then met silence, or one to an address that
/// answers SYNs late. A dead machine behind a load balancer takes nothing, and answers no SYN sent again.
fn is_by_chance(context: AttemptContext<'_>, tries: &Tries) -> bool {
    let mut failed = tries.tries.iter().filter_map(|one| Some((one.failed_at?, one.answered)));
    let (Some((stage, false)), None) = (failed.next(), failed.next()) else { return false };
    stage != Stage::Connect || context.comparisons.strain(context.address()).let_in_later
}

/// What TLS came to once, where it met the hub when the same was tried again and again: one of several machines behind the address is
/// not like the others. Who signs for every name on the spot is none of them.
fn of_one_machine(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
    let attempt = context.attempt;
    let failed_in_tls = attempt.tls.failure().is_some() && attempt.silent_at().is_none();
    let intercepts =
        |cause: &Occurrence| cause.code() == Code::TlsIntercepted && cause.confidence() == Confidence::Confirmed;
    let tries = context.shown::<kind::Tries>().filter(|tries| tries.failures() < tries.tries.len());
    let Some(tries) = tries.filter(|tries| tries.failures() == 0 || fail_in_tls(tries)) else { return verdict };
    if !failed_in_tls || verdict.outcome != AttemptOutcome::Blocked || verdict.causes.iter().any(intercepts) {
        return verdict;
    }
    let (failed, made) = (tries.failures(), tries.tries.len());
    // Where all tries met the hub, the connection before them is the one that did not.
    let counted =
        Intermittent { failed: failed.max(1), tries: made + usize::from(failed == 0), in_tls: true, translated: false };
    let codes = verdict.causes.iter().map(Occurrence::code).collect();
    let observed = Observed::OneMachine {
        address: context.address(),
        port: context.port(),
        met_the_hub: made - failed,
        made,
        codes,
    };
    let may_intercept = verdict.causes.iter().any(|cause| cause.mentions(Code::TlsIntercepted));
    let occurrence = Occurrence::likely(counted).evidence(observed).evidence_of(verdict.causes);
    let occurrence = if may_intercept { occurrence.or(Code::TlsIntercepted) } else { occurrence };
    let summary = format!("{}; {} of {made} tries met the hub", verdict.summary, made - failed);
    let reached = match tries.check == context.check.id {
        true => AttemptVerdict::allowed(summary),
        // Another check's tries say what the port is like, not whether this protocol is answered.
        false => AttemptVerdict::unknown(summary),
    };
    reached.with(occurrence)
}

/// Whether all tries that failed did so in TLS.
fn fail_in_tls(tries: &Tries) -> bool {
    tries.failures() > 0 && tries.tries.iter().filter_map(|one| one.failed_at).all(|stage| stage == Stage::Tls)
}

/// One that failed beside others, and works alone, though nothing that counts connections would have stopped it.
fn stopped_whatever_its_turn(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
    let strain = context.comparisons.strain(context.address());
    let refused = verdict.outcome == AttemptOutcome::Unknown && crowd::is_refused_like_what_works(context);
    if refused && strain.before_one_taken {
        return verdict.with(occurrence(context, None).evidence(Observed::BeforeOneTaken { port: context.port() }));
    }
    let works_alone =
        verdict.outcome == AttemptOutcome::Allowed && matches!(crowd::fared(context), Crowded::Stopped { .. });
    if !works_alone || crowd::some_tries_fail(context) || !crowd::is_stopped_whatever_its_turn(context) {
        return verdict;
    }
    let observed = Observed::OutOfTurn { port: context.port(), address: context.address() };
    verdict.with(occurrence(context, None).evidence(observed))
}

/// Whether the check is one that must be allowed, and none will do in its place.
fn is_required(context: AttemptContext<'_>) -> bool {
    match &context.observations.requirement {
        Requirement::All => true,
        Requirement::Any | Requirement::None => false,
        named @ Requirement::Each(_) => named.named().any(|protocol| protocol == context.check.protocol),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    Tries { address: IpAddr, port: u16, failed: usize, made: usize },
    Contradicted { address: IpAddr, port: u16, refused: bool },
    OutOfTurn { address: IpAddr, port: u16 },
    BeforeOneTaken { port: u16 },
    OneMachine { address: IpAddr, port: u16, met_the_hub: usize, made: usize, codes: Vec<Code> },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tries { address, port, failed, made } => write!(
                f,
                "of {made} connections to {address} port {port}, one after another and with nothing beside them, {failed} came \
                 to nothing"
            ),
            Self::BeforeOneTaken { port } => write!(
                f,
                "port {port} was refused, and a connection of the same moment that came after it was not; right afterwards a port \
                 of the same address was refused that took a connection before"
            ),
            Self::OneMachine { address, port, met_the_hub, made, codes } => {
                let codes: Vec<&str> = codes.iter().map(|code| code.id()).collect();
                write!(
                    f,
                    "one connection to {address} port {port} came to {}; of {made} tries of the same, one after another, \
                     {met_the_hub} met the hub",
                    codes.join(", ")
                )
            }
            Self::OutOfTurn { address, port } => write!(
                f,
                "a connection to {address} port {port} failed and another of it did not; what counts connections would not have \
                 chosen so: it takes the first, and those that come after they have ended"
            ),
            Self::Contradicted { address, port, refused } => {
                let how = if *refused { "refused" } else { "not answered" };
                write!(f, "{address} port {port} took one connection of this run, and another was {how}")
            }
        }
    }
}
