//! What hellos that differ in one thing show, put together.

use super::scene::Scene;
use crate::observation::{Answer, HelloTrial, Hellos, Kind};

/// What comparing names shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// They were not compared, or not to the end, or came to different ends from one time to the next.
    NotKnown,
    /// Another name, or none, gets a ServerHello, and the hub's name does not: every time of so many.
    OnlyTheHubs(usize),
    /// No name gets one.
    NoneAnswered,
}

/// What comparing segment sizes shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Segments {
    /// They were not compared, or the usual size brought the whole answer this time.
    NotKnown,
    /// The usual size brings no whole answer, and this one, in bytes, is the largest that does.
    Cure(u16),
    /// No size brings one.
    NoCure,
}

impl Scene<'_> {
    pub(super) fn names_compared(&self) -> Names {
        let Some(trials) = self.trials(|kind| match kind {
            Kind::ServerName(hellos) => Some(hellos),
            _ => None,
        }) else {
            return Names::NotKnown;
        };
        let host = Some(self.seen.hub.host.as_str());
        let (own, others): (Vec<&HelloTrial>, Vec<&HelloTrial>) =
            trials.iter().filter(|trial| counts(trial)).partition(|trial| trial.server_name.as_deref() == host);
        let all_fail = |trials: &[&HelloTrial]| !trials.is_empty() && trials.iter().all(|trial| !is_answered(trial));
        if !all_fail(&own) {
            return Names::NotKnown;
        }
        // Another name and none are two comparisons: a peer may want a name, whichever it is.
        let (named, nameless): (Vec<&HelloTrial>, Vec<&HelloTrial>) =
            others.iter().partition(|trial| trial.server_name.is_some());
        let always = |trials: &[&HelloTrial]| trials.iter().all(|trial| is_answered(trial)).then_some(trials.len());
        let answered = [always(&named), always(&nameless)].into_iter().flatten().max().unwrap_or_default();
        match (answered, all_fail(&others)) {
            (1.., _) => Names::OnlyTheHubs(answered.min(own.len())),
            (0, true) => Names::NoneAnswered,
            (0, false) => Names::NotKnown,
        }
    }

    pub(super) fn segments_compared(&self) -> Segments {
        let Some(trials) = self.trials(|kind| match kind {
            Kind::SegmentSize(hellos) => Some(hellos),
            _ => None,
        }) else {
            return Segments::NotKnown;
        };
        let whole = |trial: &HelloTrial| matches!(trial.answer, Answer::ServerHello { chain_complete: true, .. });
        let silent = |trial: &HelloTrial| matches!(trial.answer, Answer::Silent { .. });
        let mut usual = trials.iter().filter(|trial| trial.mss.is_none()).peekable();
        if usual.peek().is_none() || !usual.all(silent) {
            return Segments::NotKnown;
        }
        let clamped: Vec<&HelloTrial> = trials.iter().filter(|trial| trial.mss.is_some() && counts(trial)).collect();
        let largest = clamped.iter().filter(|trial| whole(trial)).filter_map(|trial| trial.mss).max();
        match largest {
            Some(mss) => Segments::Cure(mss),
            None if clamped.is_empty() => Segments::NotKnown,
            None => Segments::NoCure,
        }
    }

    /// How often another application protocol, or none, is answered while the one that this check must name never is.
    pub(super) fn only_this_alpn_fails(&self) -> Option<(&str, usize)> {
        let offered = self.tls()?.alpn_offered.as_deref()?;
        let is_of = |hellos: &Hellos| hellos.trials.iter().any(|trial| trial.alpn.iter().any(|alpn| alpn == offered));
        let trials = self.trials(|kind| match kind {
            Kind::Alpn(hellos) if is_of(hellos) => Some(hellos),
            _ => None,
        })?;
        let (own, others): (Vec<&HelloTrial>, Vec<&HelloTrial>) = trials
            .iter()
            .filter(|trial| counts(trial))
            .partition(|trial| trial.alpn.iter().any(|alpn| alpn == offered));
        let told_apart = !own.iter().any(|trial| is_answered(trial)) && others.iter().all(|trial| is_answered(trial));
        (told_apart && !own.is_empty() && !others.is_empty()).then_some((offered, own.len()))
    }

    /// The versions that are answered when offered alone, where both were tried.
    pub(super) fn versions_compared(&self) -> Option<Vec<&str>> {
        let trials = self.trials(|kind| match kind {
            Kind::TlsVersion(hellos) => Some(hellos),
            _ => None,
        })?;
        let tried: Vec<&HelloTrial> = trials.iter().filter(|trial| counts(trial)).collect();
        let answered = tried.iter().filter(|trial| is_answered(trial));
        let versions = answered.flat_map(|trial| trial.versions.iter().map(String::as_str));
        (tried.len() >= 2).then(|| versions.collect())
    }

    /// Who issued a certificate for another name that was asked for at the same place, where it is made for that name.
    pub(super) fn signs_other_names(&self) -> Option<(&str, &str)> {
        let trials = self.trials(|kind| match kind {
            Kind::Issuer(hellos) => Some(hellos),
            _ => None,
        })?;
        trials.iter().find_map(|trial| match &trial.answer {
            Answer::ServerHello { top_issuer: Some(issuer), for_name: Some(true), .. } => {
                Some((trial.server_name.as_deref()?, issuer.as_str()))
            }
            _ => None,
        })
    }

    /// Whether a small hello is always answered and a large one never, each tried twice; the sizes of both, in bytes.
    pub(super) fn large_hello_dropped(&self) -> Option<(usize, usize)> {
        let trials = self.trials(|kind| match kind {
            Kind::HelloSize(hellos) => Some(hellos),
            _ => None,
        })?;
        let least = trials.iter().map(|trial| trial.hello_bytes).min()?;
        let (small, large): (Vec<&HelloTrial>, Vec<&HelloTrial>) =
            trials.iter().filter(|trial| counts(trial)).partition(|trial| trial.hello_bytes < least + LARGER);
        let twice = small.len() >= 2 && large.len() >= 2;
        let told_apart = small.iter().all(|trial| is_answered(trial)) && !large.iter().any(|trial| is_answered(trial));
        (twice && told_apart).then(|| Some((least, large.first()?.hello_bytes))).flatten()
    }

    fn trials<'s>(&'s self, of: impl Fn(&'s Kind) -> Option<&'s Hellos>) -> Option<&'s [HelloTrial]> {
        let here = |hellos: &&Hellos| hellos.address == self.attempt.address && hellos.port == self.check.port;
        self.seen.shown().filter_map(of).find(here).map(|hellos| hellos.trials.as_slice())
    }
}

/// How much larger a hello with a post-quantum key share is, at least, in bytes.
const LARGER: usize = 500;

/// Whether a hello was sent and had its time.
fn counts(trial: &HelloTrial) -> bool {
    !matches!(trial.answer, Answer::NotConnected | Answer::Cancelled)
}

fn is_answered(trial: &HelloTrial) -> bool {
    matches!(trial.answer, Answer::ServerHello { .. })
}
