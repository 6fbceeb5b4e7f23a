//! The pace that the network sustained in an audit, and the limit that it reached.

use serde::{Deserialize, Serialize};

use crate::report::text::{count, duration};

/// How many targets ran in parallel, and with what effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    /// Targets in parallel at the start.
    pub jobs: usize,
    /// The pace that was too much; `None` if nothing shows that any was.
    pub limit: Option<PaceLimit>,
    /// The pace that was not; `None` if no limit was reached.
    pub bears: Option<Bears>,
    /// Targets that failed while others ran, in a way that too many connections cause, and unlike every other target.
    pub failed_beside_others: usize,
    /// How many of these were tested again, one at a time.
    pub tested_alone: usize,
    /// How many of these did better alone.
    pub better_alone: usize,
}

/// The pace that was too much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaceLimit {
    /// The signs of it, each once.
    pub shows: Vec<Strain>,
    /// Targets in parallel.
    pub targets: usize,
    /// Connections that their checks opened.
    pub connections: usize,
    /// How many of these were established.
    pub answered: usize,
    /// The time that they took, in milliseconds.
    pub within_ms: f64,
}

/// The pace at which nothing fails that works at a slower one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bears {
    /// Targets in parallel.
    pub targets: usize,
    /// New connections of their checks per second, on average.
    pub connections_per_second: f64,
}

/// Signs that a network sustains no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strain {
    /// A SYN or a DNS query was never answered.
    NotAnswered,
    /// A RST or an ICMP error answered the SYN.
    Refused,
    /// A connection ended before an answer.
    Cut,
    /// A connection brought no answer.
    Silent,
    /// The deadline came first.
    Unfinished,
    /// Most SYNs were answered only after a retransmission.
    Late,
}

impl Pace {
    /// What is worth reporting, in sentences.
    pub(in crate::report) fn sentences(&self) -> Vec<String> {
        let Some(limit) = &self.limit else { return self.no_limit().into_iter().collect() };
        let PaceLimit { targets, connections, answered, within_ms, .. } = limit;
        let mut sentences = vec![format!(
            "This network does not bear {} at a time: of {} within {}, {answered} were answered.",
            count(*targets, "target"),
            count(*connections, "connection"),
            duration(*within_ms)
        )];
        if self.better_alone > 0 {
            sentences.push(format!(
                "{} failed beside others; {} of them tested again alone did better, and {} so.",
                count(self.failed_beside_others, "target"),
                self.better_alone,
                if self.better_alone == 1 { "is judged" } else { "are judged" }
            ));
        }
        if let Some(Bears { targets, connections_per_second }) = &self.bears {
            sentences.push(format!(
                "It bears {} at a time, about {} new connections a second: `--jobs {targets}` begins so.",
                count(*targets, "target"),
                rate(*connections_per_second)
            ));
        }
        sentences
    }

    fn no_limit(&self) -> Option<String> {
        let (failed, alone) = (self.failed_beside_others, self.tested_alone);
        (alone > 0).then(|| {
            format!(
                "Of {} that failed beside others, {alone} failed alike when tested again alone: the pace is not the cause.",
                count(failed, "target")
            )
        })
    }
}

fn rate(per_second: f64) -> String {
    if per_second < 10.0 { format!("{per_second:.1}") } else { format!("{per_second:.0}") }
}
