//! What pace the network bore in an audit, and what limit it met.

use serde::{Deserialize, Serialize};

use crate::report::text::{count, duration};

/// How many targets at a time were tested, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    /// Targets at a time, to begin with.
    pub jobs: usize,
    /// What was too much; `None` where nothing shows that anything was.
    pub limit: Option<PaceLimit>,
    /// What was not; `None` where no limit was met.
    pub bears: Option<Bears>,
    /// Targets that failed while others were tested, in a way in which too many connections make them fail, and not as every
    /// target does.
    pub failed_beside_others: usize,
    /// Those of them that were tested again, one at a time.
    pub tested_alone: usize,
    /// Those of these that came to more than beside others.
    pub better_alone: usize,
}

/// The pace that was too much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaceLimit {
    /// How it shows, each word once.
    pub shows: Vec<Strain>,
    /// Targets that were tested at a time.
    pub targets: usize,
    /// Connections of their checks.
    pub connections: usize,
    /// Those that were established.
    pub answered: usize,
    /// In what time, in milliseconds.
    pub within_ms: f64,
}

/// The pace at which nothing failed that works at a slower one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bears {
    /// Targets at a time.
    pub targets: usize,
    /// New connections of their checks in a second, in the mean.
    pub connections_per_second: f64,
}

/// How a network shows that it bears no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strain {
    /// A SYN, or a name server's question, was never answered.
    NotAnswered,
    /// A RST or an ICMP error answered the SYN.
    Refused,
    /// A connection was ended before an answer.
    Cut,
    /// An answer on a connection did not come.
    Silent,
    /// The deadline came first.
    Unfinished,
    /// Most SYNs were answered only when they were sent again.
    Late,
}

impl Pace {
    /// What is worth telling of it, sentences.
    pub(in crate::report) fn sentences(&self) -> Vec<String> {
        let Some(limit) = &self.limit else { return self.no_limit().into_iter().collect() };
        let PaceLimit { targets, connections, answered, within_ms, .. } = limit;
        let mut told = vec![format!(
            "This network does not bear {} at a time: of {} within {}, {answered} were answered.",
            count(*targets, "target"),
            count(*connections, "connection"),
            duration(*within_ms)
        )];
        if self.better_alone > 0 {
            told.push(format!(
                "{} failed beside others; {} of them tested again alone did better, and {} so.",
                count(self.failed_beside_others, "target"),
                self.better_alone,
                if self.better_alone == 1 { "is judged" } else { "are judged" }
            ));
        }
        if let Some(Bears { targets, connections_per_second }) = &self.bears {
            told.push(format!(
                "It bears {} at a time, about {} new connections a second: `--jobs {targets}` begins so.",
                count(*targets, "target"),
                rate(*connections_per_second)
            ));
        }
        told
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
