//! Comparisons of ClientHellos that differ in one property.

use std::{mem::discriminant, net::IpAddr};

use super::attempt_context::AttemptContext;
use crate::observation::{Answer, Chosen, ExperimentKind, HelloTrial, Hellos, kind};

/// The result of comparing server names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SniComparison {
    /// Not compared, not finished, or with changing results.
    NotKnown,
    /// A hub given by IP address gets hellos without a name.
    NoneSent,
    /// Another name gets a ServerHello and the hub's name never does, in so many trials each.
    OnlyHubName(usize),
    /// A hello without a name gets a ServerHello; the hub's name and another name do not.
    OnlyNameless,
    /// All hellos end in the same way, with any name and without one.
    AllAlike,
    /// None gets a ServerHello, but they end in different ways.
    AllFailDifferently,
}

/// The result of comparing segment sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SegmentComparison {
    /// Not compared, or the usual size worked this time, or the sizes contradict each other.
    NotKnown,
    /// The usual size gets no complete answer. This is the largest size, in bytes, that does; all smaller ones do too.
    Works(u16),
    /// No size gets a complete answer.
    NoneWorks,
}

/// The result of comparing TLS versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum VersionComparison<'a> {
    /// Not compared, or without an answer to both.
    NotKnown,
    /// Both were refused, each offered alone.
    BothRefused,
    /// These were accepted when offered alone.
    Accepted(Vec<&'a str>),
}

impl<'a> AttemptContext<'a> {
    pub(super) fn names_compared(&self) -> SniComparison {
        if self.observations.hub.host.parse::<IpAddr>().is_ok() {
            return SniComparison::NoneSent;
        }
        let Some(trials) = self.trials::<kind::ServerName>() else { return SniComparison::NotKnown };
        let host = Some(self.observations.hub.host.as_str());
        let is_own = |trial: &&HelloTrial| trial.server_name.as_deref() == host;
        let (own, others): (Vec<&HelloTrial>, Vec<&HelloTrial>) = sent(trials).partition(is_own);
        // If an answer to the hub's own name began, even in smaller segments, no filter stopped the name.
        let in_segments = sent(self.trials::<kind::SegmentSize>().unwrap_or_default()).filter(is_own);
        if own.is_empty() || own.iter().copied().chain(in_segments).any(answer_began) {
            return SniComparison::NotKnown;
        }
        let (named, nameless): (Vec<&HelloTrial>, Vec<&HelloTrial>) =
            others.iter().partition(|trial| trial.server_name.is_some());
        let always = |trials: &[&HelloTrial]| !trials.is_empty() && trials.iter().all(|trial| is_answered(trial));
        let never = |trials: &[&HelloTrial]| !trials.is_empty() && !trials.iter().any(|trial| answer_began(trial));
        // A hello without a name proves nothing by itself: a server may refuse every name that it does not know.
        match (always(&named), never(&named)) {
            (true, _) => SniComparison::OnlyHubName(named.len().min(own.len())),
            (_, true) if always(&nameless) => SniComparison::OnlyNameless,
            (_, true) if never(&nameless) && all_alike(&own, &others) => SniComparison::AllAlike,
            (_, true) if never(&nameless) => SniComparison::AllFailDifferently,
            _ => SniComparison::NotKnown,
        }
    }

    pub(super) fn segments_compared(&self) -> SegmentComparison {
        let Some(trials) = self.trials::<kind::SegmentSize>() else { return SegmentComparison::NotKnown };
        let whole = |trial: &HelloTrial| matches!(trial.answer, Answer::ServerHello { chain_complete: true, .. });
        let silent = |trial: &HelloTrial| matches!(trial.answer, Answer::Silent { .. });
        // A hello that never arrived says nothing about the way back.
        let arrived = |trial: &HelloTrial| !matches!(trial.answer, Answer::Silent { acknowledged: Some(false), .. });
        let usual: Vec<&HelloTrial> = trials.iter().filter(|trial| trial.mss.is_none()).collect();
        if usual.is_empty() || !usual.iter().all(|trial| silent(trial)) {
            return SegmentComparison::NotKnown;
        }
        let clamped: Vec<(u16, &HelloTrial)> = sent(trials).filter_map(|trial| Some((trial.mss?, trial))).collect();
        let working = || clamped.iter().filter(|(_, trial)| whole(trial));
        match working().map(|(mss, _)| *mss).max() {
            Some(largest) => {
                // A lossy link also shows one answer among silences.
                let by_size =
                    clamped.iter().all(|(mss, trial)| if *mss <= largest { whole(trial) } else { silent(trial) });
                let proved = by_size && working().count() >= 2 && usual.iter().all(|trial| arrived(trial));
                if proved { SegmentComparison::Works(largest) } else { SegmentComparison::NotKnown }
            }
            None if clamped.is_empty() || !clamped.iter().all(|(_, trial)| silent(trial)) => {
                SegmentComparison::NotKnown
            }
            None => SegmentComparison::NoneWorks,
        }
    }

    /// How often another application protocol, or none, is answered while this check's protocol never is.
    pub(super) fn only_this_alpn_fails(&self) -> Option<(&'a str, usize)> {
        let offered = self.tls()?.alpn_offered.as_deref()?;
        let names = |trial: &HelloTrial| trial.alpn.iter().any(|alpn| alpn == offered);
        let trials = &self.all_results::<kind::Alpn>().find(|hellos| hellos.trials.iter().any(names))?.trials;
        let (own, others): (Vec<&HelloTrial>, Vec<&HelloTrial>) = sent(trials).partition(|trial| names(trial));
        let is_decisive = !own.iter().any(|trial| answer_began(trial)) && others.iter().all(|trial| is_answered(trial));
        let times = own.len().min(others.len());
        (is_decisive && times > 0).then_some((offered, times))
    }

    pub(super) fn versions_compared(&self) -> VersionComparison<'a> {
        let Some(trials) = self.trials::<kind::TlsVersion>() else { return VersionComparison::NotKnown };
        let accepted: Vec<&str> =
            trials.iter().filter(|trial| chose_offered_version(trial)).flat_map(versions).collect();
        let refused: Vec<&str> = trials.iter().filter(|trial| refuses_versions(trial)).flat_map(versions).collect();
        match (accepted.is_empty(), ["TLS 1.2", "TLS 1.3"].iter().all(|version| refused.contains(version))) {
            (false, _) => VersionComparison::Accepted(accepted),
            (true, true) => VersionComparison::BothRefused,
            (true, false) => VersionComparison::NotKnown,
        }
    }

    /// The version chosen from each offer that is wider than this program's own, and what else was chosen.
    pub(super) fn wide_hellos(&self) -> impl Iterator<Item = (&'a str, &'a Chosen)> + use<'a> {
        let trials = self.trials::<kind::WideHello>().unwrap_or_default();
        trials.iter().filter_map(|trial| match &trial.answer {
            Answer::ServerHello { version: Some(version), chosen: Some(chosen), .. } => {
                Some((version.as_str(), &**chosen))
            }
            _ => None,
        })
    }

    /// A certificate issued on demand: the other name that was asked for, and the issuer.
    pub(super) fn signs_other_names(&self) -> Option<(&'a str, &'a str)> {
        let trials = self.trials::<kind::Issuer>()?;
        trials.iter().find_map(|trial| match &trial.answer {
            Answer::ServerHello { top_issuer: Some(issuer), for_name: Some(true), .. } => {
                Some((trial.server_name.as_deref()?, issuer.as_str()))
            }
            _ => None,
        })
    }

    /// Whether the peer has certificates for other names too; `None` if the experiment did not run or got no answer.
    pub(super) fn signs_other_names_too(&self) -> Option<bool> {
        let trials = self.trials::<kind::Issuer>()?;
        let mut answers = trials.iter().filter_map(|trial| match &trial.answer {
            Answer::ServerHello { for_name: Some(for_name), .. } => Some(*for_name),
            _ => None,
        });
        let first = answers.next()?;
        Some(first || answers.any(|other| other))
    }

    /// Whether a small hello is always answered and a large one never, each tried twice; the sizes of both, in bytes.
    pub(super) fn large_hello_dropped(&self) -> Option<(usize, usize)> {
        let trials = self.trials::<kind::HelloSize>()?;
        let least = trials.iter().map(|trial| trial.hello_bytes).min()?;
        let (small, large): (Vec<&HelloTrial>, Vec<&HelloTrial>) =
            sent(trials).partition(|trial| trial.hello_bytes < least.saturating_add(MIN_EXTRA_BYTES));
        // A peer that refuses it by an alert has read it.
        let dropped = |trial: &HelloTrial| {
            matches!(trial.answer, Answer::Silent { .. } | Answer::Closed { .. } | Answer::Reset { .. })
        };
        let twice = small.len() >= 2 && large.len() >= 2;
        let is_decisive = small.iter().all(|trial| is_answered(trial)) && large.iter().all(|trial| dropped(trial));
        (twice && is_decisive).then(|| Some((least, large.first()?.hello_bytes))).flatten()
    }

    /// The hellos of the first experiment of this kind for this address and port.
    fn trials<K: ExperimentKind<Facts = Hellos>>(&self) -> Option<&'a [HelloTrial]> {
        self.first_result::<K>().map(|hellos| hellos.trials.as_slice())
    }
}

/// A hello with a post-quantum key share is larger by at least this many bytes.
const MIN_EXTRA_BYTES: usize = 500;

/// Alerts about versions or suites: handshake_failure, protocol_version, insufficient_security (RFC 8446, section 6.2).
const VERSION_ALERTS: [u8; 3] = [40, 70, 71];

/// The hellos that were sent and not cut short.
fn sent(trials: &[HelloTrial]) -> impl Iterator<Item = &HelloTrial> {
    trials.iter().filter(|trial| !matches!(trial.answer, Answer::NotConnected | Answer::Cancelled))
}

pub(super) fn is_answered(trial: &HelloTrial) -> bool {
    matches!(trial.answer, Answer::ServerHello { .. })
}

/// Whether an answer came, at least in part.
fn answer_began(trial: &HelloTrial) -> bool {
    is_answered(trial) || matches!(trial.answer, Answer::Silent { bytes_received: 1.., .. })
}

/// Whether all end in the same way. Time and amount of data do not matter.
fn all_alike(own: &[&HelloTrial], others: &[&HelloTrial]) -> bool {
    let alike = |one: &Answer, other: &Answer| match (one, other) {
        (Answer::Alert { code: one, .. }, Answer::Alert { code: other, .. }) => one == other,
        (Answer::Closed { .. } | Answer::Reset { .. }, Answer::Closed { .. } | Answer::Reset { .. }) => true,
        (Answer::Silent { acknowledged: one, .. }, Answer::Silent { acknowledged: other, .. }) => one == other,
        (one, other) => discriminant(one) == discriminant(other),
    };
    let Some(first) = own.first() else { return false };
    own.iter().chain(others).all(|trial| alike(&trial.answer, &first.answer))
}

fn versions(trial: &HelloTrial) -> impl Iterator<Item = &str> {
    trial.versions.iter().map(String::as_str)
}

/// A server with only old versions answers with one of them, offered or not.
fn chose_offered_version(trial: &HelloTrial) -> bool {
    match &trial.answer {
        Answer::ServerHello { version, .. } => version.as_ref().is_none_or(|version| trial.versions.contains(version)),
        _ => false,
    }
}

fn refuses_versions(trial: &HelloTrial) -> bool {
    match &trial.answer {
        Answer::ServerHello { .. } => !chose_offered_version(trial),
        Answer::Alert { code, .. } => VERSION_ALERTS.contains(code),
        _ => false,
    }
}
