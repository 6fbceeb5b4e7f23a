//! What hellos that differ in one thing show, put together.

use std::{mem::discriminant, net::IpAddr};

use super::attempt_context::AttemptContext;
use crate::observation::{Answer, Chosen, ExperimentKind, HelloTrial, Hellos, kind};

/// What comparing names shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SniComparison {
    /// They were not compared, or not to the end, or came to different ends from one time to the next.
    NotKnown,
    /// Hubs that are addressed by IP get hellos without a name.
    NoneSent,
    /// Another name gets a ServerHello, and the hub's name does not: every time of so many.
    OnlyTheHubs(usize),
    /// A hello without a name gets a ServerHello, and neither the hub's name nor another does.
    AnyName,
    /// Hellos end alike, whatever the name and without one.
    Alike,
    /// None gets a ServerHello, but they end in different ways.
    Unlike,
}

/// What comparing segment sizes shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Segments {
    /// They were not compared, or the usual size brought the whole answer this time, or the sizes contradict each other.
    NotKnown,
    /// The usual size brings no whole answer, and this one, in bytes, is the largest that does; so does every smaller one.
    Cure(u16),
    /// No size brings one.
    NoCure,
}

/// What comparing versions shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Versions<'a> {
    /// They were not compared, or did not both come to an answer.
    NotKnown,
    /// Both were refused, each alone.
    BothRefused,
    /// These were accepted alone.
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
        // Where an answer to the hub's own name began, and be it in smaller segments, no filter has stopped the name.
        let in_segments = sent(self.trials::<kind::SegmentSize>().unwrap_or_default()).filter(is_own);
        if own.is_empty() || own.iter().copied().chain(in_segments).any(has_begun) {
            return SniComparison::NotKnown;
        }
        let (named, nameless): (Vec<&HelloTrial>, Vec<&HelloTrial>) =
            others.iter().partition(|trial| trial.server_name.is_some());
        let always = |trials: &[&HelloTrial]| !trials.is_empty() && trials.iter().all(|trial| is_answered(trial));
        let never = |trials: &[&HelloTrial]| !trials.is_empty() && !trials.iter().any(|trial| has_begun(trial));
        // Without a name alone it proves nothing: a peer may refuse every name that it does not know.
        match (always(&named), never(&named)) {
            (true, _) => SniComparison::OnlyTheHubs(named.len().min(own.len())),
            (_, true) if always(&nameless) => SniComparison::AnyName,
            (_, true) if never(&nameless) && all_alike(&own, &others) => SniComparison::Alike,
            (_, true) if never(&nameless) => SniComparison::Unlike,
            _ => SniComparison::NotKnown,
        }
    }

    pub(super) fn segments_compared(&self) -> Segments {
        let Some(trials) = self.trials::<kind::SegmentSize>() else { return Segments::NotKnown };
        let whole = |trial: &HelloTrial| matches!(trial.answer, Answer::ServerHello { chain_complete: true, .. });
        let silent = |trial: &HelloTrial| matches!(trial.answer, Answer::Silent { .. });
        // A hello that never arrived says nothing of what comes back.
        let arrived = |trial: &HelloTrial| !matches!(trial.answer, Answer::Silent { acknowledged: Some(false), .. });
        let usual: Vec<&HelloTrial> = trials.iter().filter(|trial| trial.mss.is_none()).collect();
        if usual.is_empty() || !usual.iter().all(|trial| silent(trial)) {
            return Segments::NotKnown;
        }
        let clamped: Vec<(u16, &HelloTrial)> = sent(trials).filter_map(|trial| Some((trial.mss?, trial))).collect();
        let cures = || clamped.iter().filter(|(_, trial)| whole(trial));
        match cures().map(|(mss, _)| *mss).max() {
            Some(largest) => {
                // One answer among silences is what a lossy link shows too.
                let by_size =
                    clamped.iter().all(|(mss, trial)| if *mss <= largest { whole(trial) } else { silent(trial) });
                let proved = by_size && cures().count() >= 2 && usual.iter().all(|trial| arrived(trial));
                if proved { Segments::Cure(largest) } else { Segments::NotKnown }
            }
            None if clamped.is_empty() || !clamped.iter().all(|(_, trial)| silent(trial)) => Segments::NotKnown,
            None => Segments::NoCure,
        }
    }

    /// How often another application protocol, or none, is answered while the one that this check must name never is.
    pub(super) fn only_this_alpn_fails(&self) -> Option<(&'a str, usize)> {
        let offered = self.tls()?.alpn_offered.as_deref()?;
        let names = |trial: &HelloTrial| trial.alpn.iter().any(|alpn| alpn == offered);
        let trials = &self.all_shown::<kind::Alpn>().find(|hellos| hellos.trials.iter().any(names))?.trials;
        let (own, others): (Vec<&HelloTrial>, Vec<&HelloTrial>) = sent(trials).partition(|trial| names(trial));
        let told_apart = !own.iter().any(|trial| has_begun(trial)) && others.iter().all(|trial| is_answered(trial));
        let times = own.len().min(others.len());
        (told_apart && times > 0).then_some((offered, times))
    }

    pub(super) fn versions_compared(&self) -> Versions<'a> {
        let Some(trials) = self.trials::<kind::TlsVersion>() else { return Versions::NotKnown };
        let accepted: Vec<&str> = trials.iter().filter(|trial| chose_one_offered(trial)).flat_map(versions).collect();
        let refused: Vec<&str> = trials.iter().filter(|trial| refuses_versions(trial)).flat_map(versions).collect();
        match (accepted.is_empty(), ["TLS 1.2", "TLS 1.3"].iter().all(|version| refused.contains(version))) {
            (false, _) => Versions::Accepted(accepted),
            (true, true) => Versions::BothRefused,
            (true, false) => Versions::NotKnown,
        }
    }

    /// The version that was chosen from each wider offer than this program's own, and what else.
    pub(super) fn wide_hellos(&self) -> impl Iterator<Item = (&'a str, &'a Chosen)> + use<'a> {
        let trials = self.trials::<kind::WideHello>().unwrap_or_default();
        trials.iter().filter_map(|trial| match &trial.answer {
            Answer::ServerHello { version: Some(version), chosen: Some(chosen), .. } => {
                Some((version.as_str(), &**chosen))
            }
            _ => None,
        })
    }

    /// Who issued a certificate for another name that was asked for at the same place, where it is made for that name.
    pub(super) fn signs_other_names(&self) -> Option<(&'a str, &'a str)> {
        let trials = self.trials::<kind::Issuer>()?;
        trials.iter().find_map(|trial| match &trial.answer {
            Answer::ServerHello { top_issuer: Some(issuer), for_name: Some(true), .. } => {
                Some((trial.server_name.as_deref()?, issuer.as_str()))
            }
            _ => None,
        })
    }

    /// Whether it signs for other names on the spot; `None` where that was not asked, or not answered.
    pub(super) fn signs_for_others(&self) -> Option<bool> {
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
            sent(trials).partition(|trial| trial.hello_bytes < least.saturating_add(LARGER));
        // Whoever refuses it by an alert has read it.
        let dropped = |trial: &HelloTrial| {
            matches!(trial.answer, Answer::Silent { .. } | Answer::Closed { .. } | Answer::Reset { .. })
        };
        let twice = small.len() >= 2 && large.len() >= 2;
        let told_apart = small.iter().all(|trial| is_answered(trial)) && large.iter().all(|trial| dropped(trial));
        (twice && told_apart).then(|| Some((least, large.first()?.hello_bytes))).flatten()
    }

    /// The hellos to this address and port of one experiment of this kind.
    fn trials<K: ExperimentKind<Facts = Hellos>>(&self) -> Option<&'a [HelloTrial]> {
        self.shown::<K>().map(|hellos| hellos.trials.as_slice())
    }
}

/// How much larger a hello with a post-quantum key share is, at least, in bytes.
const LARGER: usize = 500;

/// Alerts that speak of versions or suites: handshake_failure, protocol_version, insufficient_security (RFC 8446,
/// section 6.2).
const OF_VERSIONS: [u8; 3] = [40, 70, 71];

/// The hellos that were sent and had their time.
fn sent(trials: &[HelloTrial]) -> impl Iterator<Item = &HelloTrial> {
    trials.iter().filter(|trial| !matches!(trial.answer, Answer::NotConnected | Answer::Cancelled))
}

pub(super) fn is_answered(trial: &HelloTrial) -> bool {
    matches!(trial.answer, Answer::ServerHello { .. })
}

/// Whether an answer came, if only in part.
fn has_begun(trial: &HelloTrial) -> bool {
    is_answered(trial) || matches!(trial.answer, Answer::Silent { bytes_received: 1.., .. })
}

/// Whether all end in the same way; how long that took, and how much came, does not matter.
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

/// A server of old versions alone answers with one of them, offered or not.
fn chose_one_offered(trial: &HelloTrial) -> bool {
    match &trial.answer {
        Answer::ServerHello { version, .. } => version.as_ref().is_none_or(|version| trial.versions.contains(version)),
        _ => false,
    }
}

fn refuses_versions(trial: &HelloTrial) -> bool {
    match &trial.answer {
        Answer::ServerHello { .. } => !chose_one_offered(trial),
        Answer::Alert { code, .. } => OF_VERSIONS.contains(code),
        _ => false,
    }
}
