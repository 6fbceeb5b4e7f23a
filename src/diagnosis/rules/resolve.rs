//! The name did not become an address, or only in part, or a wrong one.

use crate::{
    diagnosis::{
        Code, Owner, Severity,
        judgement::{Judgement, Reach},
        names::{Answers, Wildcard, Word, wildcard},
        occurrence::Occurrence,
        scene::Scene,
        text::{clipped, listed, spoken},
    },
    observation::{Observations, Outcome, ResolutionSource, ResolveFailure},
};

/// A resolver that gave up this late waited for answers that did not come, rather than passing a refusal on.
const WAITED_MS: f64 = 3000.0;

/// Why there are no addresses, in a few words and as a cause; `None` where the run was cut short.
pub(in crate::diagnosis) fn failed(seen: &Observations) -> Option<(String, Occurrence)> {
    let resolution = &seen.resolution;
    let failure = resolution.failure.as_ref()?;
    let took = resolution.duration_ms.unwrap_or_default();
    let (words, cause) = match failure {
        ResolveFailure::NoAddress if !resolution.addresses.is_empty() => {
            let known = resolution.addresses.iter().map(ToString::to_string).collect::<Vec<_>>();
            let seen = format!("the name has only {}, which the choice of address family rules out", listed(&known));
            (
                "the name has no address of this family",
                Occurrence::confirmed(Code::DnsNoAddress).owner(Owner::Operator).seen(seen),
            )
        }
        failure => {
            Answers::of(seen).and_then(|answers| by_servers(&answers)).unwrap_or_else(|| by_system(failure, took))
        }
    };
    let asked = match seen.vantage.resolvers.as_slice() {
        [] => format!("it took {}", spoken(took)),
        resolvers => format!("it took {}; the name servers asked are {}", spoken(took), listed(resolvers)),
    };
    Some((words.to_owned(), cause.seen(asked)))
}

/// What the name servers said to questions of our own; `None` where they disagree, or know addresses.
fn by_servers(answers: &Answers<'_>) -> Option<(&'static str, Occurrence)> {
    let told = |cause: Occurrence| answers.spoken().into_iter().fold(cause, Occurrence::seen);
    if answers.have_addresses() {
        return None;
    }
    if answers.all_say(|word| *word == Word::NoSuchName) {
        let cause = told(Occurrence::confirmed(Code::DnsNameNotFound));
        let cause = match answers.zone() {
            Some(zone) => cause.seen(format!("the zone that denies the name exists: {zone}")),
            None => cause,
        };
        return Some(("the name does not exist", cause));
    }
    if answers.all_say(|word| *word == Word::NoRecord) {
        let cause = told(Occurrence::confirmed(Code::DnsNoAddress));
        let cause = match answers.chain() {
            Some(chain) => cause.seen(format!("its aliases end without an address: {chain}")),
            None => cause,
        };
        return Some(("the name has no address", cause));
    }
    if answers.all_say(|word| matches!(word, Word::Failure(_))) {
        return Some(("the name servers fail", told(Occurrence::confirmed(Code::DnsServerFailure))));
    }
    let mute = answers.words().all(|word| matches!(word, Word::Silence | Word::Unreachable));
    (mute && answers.both_transports() || answers.words().all(|word| *word == Word::Unreachable))
        .then(|| ("no name server answers", told(Occurrence::confirmed(Code::DnsTimeout))))
}

/// What the system's resolver alone says, which merges causes.
fn by_system(failure: &ResolveFailure, took: f64) -> (&'static str, Occurrence) {
    match failure {
        ResolveFailure::NameNotFound => (
            "the name does not exist",
            Occurrence::likely(Code::DnsNameNotFound).seen("the system's resolver says that the name does not exist"),
        ),
        ResolveFailure::NoAddress => (
            "the name has no address",
            Occurrence::likely(Code::DnsNoAddress).seen("the system's resolver says that the name has no address"),
        ),
        ResolveFailure::ServerFailure => (
            "the name servers fail",
            Occurrence::likely(Code::DnsServerFailure)
                .seen("the system's resolver reports a failure that another try will not mend"),
        ),
        ResolveFailure::TryAgain if took < WAITED_MS => (
            "the name servers fail",
            Occurrence::possible(Code::DnsServerFailure, &[Code::DnsTimeout]).seen(
                "the system's resolver reports a temporary failure, which stands for a refusal as well as for silence",
            ),
        ),
        ResolveFailure::TryAgain => (
            "no name server answers",
            Occurrence::possible(Code::DnsTimeout, &[Code::DnsServerFailure])
                .seen("the system's resolver reports a temporary failure, after waiting for answers"),
        ),
        ResolveFailure::TimedOut => (
            "no name server answers",
            Occurrence::possible(Code::DnsTimeout, &[Code::DnsServerFailure])
                .seen("the system's resolver gave no answer"),
        ),
        ResolveFailure::Other { message } => (
            "the name cannot be resolved",
            // The system's own trouble reads so too: nobody else is accused of it.
            Occurrence::possible(Code::DnsServerFailure, &[Code::DnsTimeout])
                .owner(Owner::Operator)
                .titled("The system's resolver fails to look up {host}")
                .mended_by(
                    "Try another program with {host} on this machine; if it fails too, check the machine's resolver.",
                )
                .seen(format!("the system's resolver: {}", clipped(message))),
        ),
    }
}

/// Addresses were found, though not all who were asked have them.
pub(in crate::diagnosis) fn partial(seen: &Observations) -> Option<Occurrence> {
    let troubles = Answers::of(seen).filter(Answers::have_addresses)?.troubles();
    if seen.resolution.outcome != Outcome::Ok || troubles.is_empty() {
        return None;
    }
    let cause = troubles.into_iter().fold(Occurrence::confirmed(Code::DnsPartial), Occurrence::seen);
    Some(match seen.resolution.source {
        ResolutionSource::OwnQueries => {
            cause.seen("the system's resolver had no answer after a second, or gave up; the others' were used instead")
        }
        ResolutionSource::System | ResolutionSource::NamedServers => cause,
    })
}

/// What a lying name server makes of an attempt that something else than the hub answered: it is the cause of all that.
pub(super) fn by_wildcard(scene: Scene<'_>, judgement: Judgement) -> Judgement {
    let foreign = |cause: &Occurrence| {
        matches!(
            cause.code(),
            Code::TlsIntercepted
                | Code::CertificateNameMismatch
                | Code::CertificateUntrusted
                | Code::CaptivePortal
                | Code::NotTls
        )
    };
    if judgement.reach != Reach::Blocked || !judgement.causes.iter().any(foreign) {
        return judgement;
    }
    let certificate_seen = scene.trust().is_some();
    let address = scene.attempt.address;
    match wildcard(scene.seen) {
        Some(Wildcard::Lies(seen)) => {
            let cause = match certificate_seen {
                true => Occurrence::confirmed(Code::DnsHijack),
                // Without a certificate, a hub that is broken behind a resolver that lies of others remains.
                false => Occurrence::likely(Code::DnsHijack),
            };
            let cause = cause.detail("addresses", vec![address.to_string()]).seen(seen).seen(match certificate_seen {
                true => format!("the certificate shown at {address} is not the hub's"),
                false => format!("what answers at {address} shows no certificate of the hub's"),
            });
            let symptoms = judgement.causes.into_iter().map(|cause| match cause.follows {
                None if cause.severity == Severity::Error => cause.following(Code::DnsHijack),
                _ => cause,
            });
            Judgement { causes: std::iter::once(cause).chain(symptoms).collect(), ..judgement }
        }
        Some(Wildcard::BesideTheHub(seen)) => {
            let or_hijack = |cause: Occurrence| match foreign(&cause) && !cause.alternatives.contains(&Code::DnsHijack)
            {
                true => cause.or(Code::DnsHijack).seen(&seen),
                false => cause,
            };
            Judgement { causes: judgement.causes.into_iter().map(or_hijack).collect(), ..judgement }
        }
        None => judgement,
    }
}
