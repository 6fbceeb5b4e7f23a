//! Some connections to one address and port fail, others work.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Confidence, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::{AttemptOutcome, AttemptVerdict},
        cause_kind::CauseKind,
        concurrency::{self, ConcurrencyEffect},
        evidence::Statement,
        location::ResetOrigin,
        nat,
        occurrence::Occurrence,
        scope::Scope,
    },
    hub::Requirement,
    observation::{ConnectFailure, Stage, Tries, kind},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Intermittent {
    /// How many tries failed.
    failed: usize,
    /// How many tries were made, one after another.
    tries: usize,
    /// All failed tries failed in TLS: another certificate was shown, or none.
    #[serde(skip)]
    in_tls: bool,
    /// Addresses are translated on the path.
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
                let failed = scope.or_placeholder("SOME", self.failed);
                let tries = scope.or_placeholder("ALL", tries);
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
        let step = match (self.in_tls, self.translated) {
            (true, _) => "Compare from another network: if nothing fails there, the security team here is to be asked.",
            (false, true) => "Compare from another network.",
            (false, false) => {
                "Compare from another network: if nothing fails there, something here stops a part of the connections, and this \
                 network's administrator is to be asked."
            }
        };
        Some(step.to_owned())
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
        if !concurrency::port_also_connected(context) {
            return None;
        }
        let occurrence = occurrence(context, context.first_result::<kind::Tries>());
        let occurrence = occurrence.evidence(Observed::PortAlsoConnected {
            address: context.address(),
            port: context.port(),
            refused: !matches!(context.attempt.connect.failure(), Some(ConnectFailure::TimedOut { .. })),
        });
        // A SYN carries no protocol: a rule cannot allow one check of the port and deny another.
        let summary = "fails now and then: the same port took another connection";
        Some(AttemptVerdict::unknown(summary).with(occurrence))
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let verdict = fails_out_of_order(context, one_machine_differs(context, verdict));
        let failing = context.first_result::<kind::Tries>().filter(|tries| tries.failures() > 0);
        let (Some(tries), AttemptOutcome::Allowed) = (failing, verdict.outcome) else { return verdict };
        // A connection limit counts the tries too.
        if concurrency::refuses_working_port(context) || is_chance_loss(context, tries) {
            return verdict;
        }
        let most_fail = tries.tries.len() >= concurrency::MIN_TRIES && tries.failures() * 2 > tries.tries.len();
        let severity = if most_fail && is_required(context) { Severity::Error } else { Severity::Warning };
        verdict.with(occurrence(context, Some(tries)).severity(severity))
    }
}

fn occurrence(context: AttemptContext<'_>, tries: Option<&Tries>) -> Occurrence {
    let (failed, made) = tries.map_or((0, 0), |tries| (tries.failures(), tries.tries.len()));
    // If every try failed, the connection that the port took before counts as a success.
    let earlier_success =
        made > 0 && failed == made && context.comparisons.has_connected(context.address(), context.port());
    let in_tls = tries.is_some_and(all_fail_in_tls);
    let translated = nat::is_translated(context);
    let cause = Intermittent { failed, tries: made + usize::from(earlier_success), in_tls, translated };
    let all_answered = tries.is_some_and(|tries| tries.tries.iter().all(|one| one.answered));
    let occurrence = match context.reset_origin() {
        ResetOrigin::AsFarAsHub { .. } if failed > 0 && failed < made && all_answered && !in_tls => {
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

/// Whether a single try failed by chance on a lossy link: it connected and then met silence, or the address answers
/// SYNs late. A dead machine behind a load balancer accepts nothing and answers no retransmitted SYN.
fn is_chance_loss(context: AttemptContext<'_>, tries: &Tries) -> bool {
    let mut failed = tries.tries.iter().filter_map(|one| Some((one.failed_at?, one.answered)));
    let (Some((stage, false)), None) = (failed.next(), failed.next()) else { return false };
    stage != Stage::Connect || context.comparisons.concurrency_signs(context.address()).connected_after_retransmit
}

/// One failure in TLS while repeated tries met the hub: one of several machines behind the address differs from the
/// others. A box that signs certificates for every name is not one of them.
fn one_machine_differs(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
    let attempt = context.attempt;
    let failed_in_tls = attempt.tls.failure().is_some() && attempt.silent_at().is_none();
    let intercepts =
        |cause: &Occurrence| cause.code() == Code::TlsIntercepted && cause.confidence() == Confidence::Confirmed;
    let tries = context.first_result::<kind::Tries>().filter(|tries| tries.failures() < tries.tries.len());
    let Some(tries) = tries.filter(|tries| tries.failures() == 0 || all_fail_in_tls(tries)) else { return verdict };
    if !failed_in_tls || verdict.outcome != AttemptOutcome::Blocked || verdict.causes.iter().any(intercepts) {
        return verdict;
    }
    let (failed, made) = (tries.failures(), tries.tries.len());
    // If all tries met the hub, the connection before them is the one that failed.
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
    let occurrence = Occurrence::likely(counted).evidence(observed).evidence_from(verdict.causes);
    let occurrence = if may_intercept { occurrence.or_possibly(Code::TlsIntercepted) } else { occurrence };
    let summary = format!("{}; {} of {made} tries met the hub", verdict.summary, made - failed);
    let reached = match tries.check == context.check.id {
        true => AttemptVerdict::allowed(summary),
        // The tries of another check show what the port does, not whether this protocol is answered.
        false => AttemptVerdict::unknown(summary),
    };
    reached.with(occurrence)
}

/// Whether all failed tries failed in TLS.
fn all_fail_in_tls(tries: &Tries) -> bool {
    tries.failures() > 0 && tries.tries.iter().filter_map(|one| one.failed_at).all(|stage| stage == Stage::Tls)
}

/// A check that failed among others and works alone, in an order that a connection limit would not produce.
fn fails_out_of_order(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
    let signs = context.comparisons.concurrency_signs(context.address());
    let refused = verdict.outcome == AttemptOutcome::Unknown && concurrency::is_refused_like_working_port(context);
    if refused && signs.failed_before_later_success {
        return verdict.with(occurrence(context, None).evidence(Observed::BeforeLaterSuccess { port: context.port() }));
    }
    let works_alone = verdict.outcome == AttemptOutcome::Allowed
        && matches!(concurrency::effect(context), ConcurrencyEffect::Stopped { .. });
    if !works_alone || concurrency::some_tries_fail(context) || !concurrency::fails_regardless_of_order(context) {
        return verdict;
    }
    let observed = Observed::OutOfOrder { port: context.port(), address: context.address() };
    verdict.with(occurrence(context, None).evidence(observed))
}

/// Whether this very check must be allowed, and no other can replace it.
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
    PortAlsoConnected { address: IpAddr, port: u16, refused: bool },
    OutOfOrder { address: IpAddr, port: u16 },
    BeforeLaterSuccess { port: u16 },
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
            Self::BeforeLaterSuccess { port } => write!(
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
            Self::OutOfOrder { address, port } => write!(
                f,
                "a connection to {address} port {port} failed and another of it did not; what counts connections would not have \
                 chosen so: it takes the first, and those that come after they have ended"
            ),
            Self::PortAlsoConnected { address, port, refused } => {
                let how = if *refused { "refused" } else { "not answered" };
                write!(f, "{address} port {port} took one connection of this run, and another was {how}")
            }
        }
    }
}
