//! The name did not become an address.

use crate::{
    diagnosis::{
        Code, Owner,
        cause::{Cause, listed, spoken},
    },
    observation::{Observations, ResolveFailure},
};

/// A resolver that gave up this late waited for answers that did not come, rather than passing a refusal on.
const WAITED_MS: f64 = 3000.0;

/// Why there are no addresses, in a few words and as a cause; `None` where the run was cut short.
pub(in crate::diagnosis) fn failed(seen: &Observations) -> Option<(String, Cause)> {
    let resolution = &seen.resolution;
    let failure = resolution.failure.as_ref()?;
    let took = resolution.duration_ms.unwrap_or_default();
    let (words, cause) = match failure {
        ResolveFailure::NameNotFound => (
            "the name does not exist",
            Cause::likely(Code::DnsNameNotFound).seen("the system's resolver says that the name does not exist"),
        ),
        ResolveFailure::NoAddress if !resolution.addresses.is_empty() => {
            let known = resolution.addresses.iter().map(ToString::to_string).collect::<Vec<_>>();
            let seen = format!("the name has only {}, which the choice of address family rules out", listed(&known));
            (
                "the name has no address of this family",
                Cause::confirmed(Code::DnsNoAddress).owner(Owner::Operator).seen(seen),
            )
        }
        ResolveFailure::NoAddress => (
            "the name has no address",
            Cause::likely(Code::DnsNoAddress).seen("the system's resolver says that the name has no address"),
        ),
        ResolveFailure::ServerFailure => (
            "the name servers fail",
            Cause::likely(Code::DnsServerFailure)
                .seen("the system's resolver reports a failure that another try will not mend"),
        ),
        ResolveFailure::TryAgain if took < WAITED_MS => (
            "the name servers fail",
            Cause::possible(Code::DnsServerFailure, &[Code::DnsTimeout]).seen(
                "the system's resolver reports a temporary failure, which stands for a refusal as well as for silence",
            ),
        ),
        ResolveFailure::TryAgain => (
            "no name server answers",
            Cause::possible(Code::DnsTimeout, &[Code::DnsServerFailure])
                .seen("the system's resolver reports a temporary failure, after waiting for answers"),
        ),
        ResolveFailure::TimedOut => (
            "no name server answers",
            Cause::possible(Code::DnsTimeout, &[Code::DnsServerFailure]).seen("the system's resolver gave no answer"),
        ),
        ResolveFailure::Other { message } => (
            "the name cannot be resolved",
            Cause::possible(Code::DnsServerFailure, &[Code::DnsTimeout])
                .seen(format!("the system's resolver: {message}")),
        ),
    };
    let asked = match seen.vantage.resolvers.as_slice() {
        [] => format!("it took {}", spoken(took)),
        resolvers => format!("it took {}; the name servers configured are {}", spoken(took), listed(resolvers)),
    };
    Some((words.to_owned(), cause.seen(asked)))
}
