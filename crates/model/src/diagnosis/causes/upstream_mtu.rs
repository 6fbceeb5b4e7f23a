//! Large packets to the hub are lost.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_end::AttemptEnd,
        attempt_verdict::{AttemptOutcome, AttemptVerdict},
        cause_kind::CauseKind,
        evidence::Statement,
        occurrence::Occurrence,
        scope::Scope,
    },
    observation::{ExchangeFailure, Stage, UpgradeFailure, Upstream, UpstreamAnswer, UpstreamTrial, kind},
};

/// A single packet may be lost by chance.
const MIN_REPEATS: usize = 2;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct UpstreamMtu {
    /// The largest segment size, in bytes, with which a long message arrives.
    mss: u16,
}

impl CauseKind for UpstreamMtu {
    const ENTRY: Entry = Entry {
        stage: Stage::Exchange,
        severity: Severity::Error,
        owner: Owner::NetworkAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "A link on the way to the hub carries only small packets, and the messages that would say so are \
            filtered. Small messages work; devices stop at their first long one, a certificate, a token or a batch of \
            telemetry. Tunnels whose segment size is clamped in one direction alone are like that.",
        proof: "A message that fills a packet is sent again and again and never acknowledged, while as long a message in \
            small segments is answered, twice each, at the same moment.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("Large packets to {} are lost on the way", scope.host())
    }

    fn fix(&self, scope: &Scope) -> String {
        format!(
            "Let ICMP type 3 code 4 (ICMPv6 type 2) pass, or clamp the TCP segment size (MSS) on the tunnel in both \
             directions: {} bytes work.",
            scope.or_placeholder("MSS", self.mss)
        )
    }

    fn is_same(&self, _: &Self) -> bool {
        true
    }

    /// The size that works everywhere.
    fn merge(&mut self, other: &Self) {
        self.mss = self.mss.min(other.mss);
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let is_silent = matches!(
            context.ended(),
            AttemptEnd::Upgrade(UpgradeFailure::TimedOut { .. }, _)
                | AttemptEnd::Exchange(ExchangeFailure::TimedOut { .. })
        );
        let large_packet_loss = is_silent.then(|| large_packet_loss(context))??;
        Some(AttemptVerdict::blocked("large packets to the hub are lost on the way", large_packet_loss))
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        match large_packet_loss(context) {
            Some(large_packet_loss) if verdict.outcome == AttemptOutcome::Allowed => {
                verdict.with(large_packet_loss.severity(Severity::Warning))
            }
            _ => verdict,
        }
    }
}

/// Whether full packets of this attempt are lost and small ones are not.
pub(super) fn loses_full_packets(context: AttemptContext<'_>) -> bool {
    large_packet_loss(context).is_some()
}

fn large_packet_loss(context: AttemptContext<'_>) -> Option<Occurrence> {
    let (lost, mss) = context.all_results::<kind::Upstream>().find_map(lost_and_cure)?;
    let observed = Observed { bytes: lost.bytes, mss };
    Some(Occurrence::confirmed(UpstreamMtu { mss }).evidence(observed))
}

/// A trial that is lost in full packets, and the largest segment size that works.
fn lost_and_cure(upstream: &Upstream) -> Option<(&UpstreamTrial, u16)> {
    let trials = || upstream.trials.iter().filter(|trial| trial.answer != UpstreamAnswer::Cancelled);
    let full: Vec<_> = trials().filter(|trial| trial.mss.is_none()).collect();
    if full.len() < MIN_REPEATS || !full.iter().all(|trial| is_lost(trial)) {
        return None;
    }
    let unanswered = trials().filter(|trial| trial.answer != UpstreamAnswer::Answered);
    let least_unanswered = unanswered.filter_map(|trial| trial.mss).min();
    // A size works if it and all smaller ones are answered.
    let sizes = trials().filter_map(|trial| trial.mss);
    let cures: Vec<u16> = sizes.filter(|mss| least_unanswered.is_none_or(|least| *mss < least)).collect();
    let mss = cures.iter().copied().max().filter(|_| cures.len() >= MIN_REPEATS)?;
    let larger = |trial: &&UpstreamTrial| trial.mss.is_some_and(|size| size > mss);
    trials().filter(larger).all(is_lost).then_some((full[0], mss))
}

fn is_lost(trial: &UpstreamTrial) -> bool {
    trial.bytes > 0 && matches!(trial.answer, UpstreamAnswer::Silent { acknowledged: Some(false), .. })
}

#[derive(Debug, Clone, PartialEq)]
struct Observed {
    bytes: usize,
    mss: u16,
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bytes, mss } = self;
        write!(
            f,
            "a message of {bytes} bytes in one packet is sent again and again and never acknowledged; in segments of at most \
             {mss} bytes as long a message is answered"
        )
    }
}
