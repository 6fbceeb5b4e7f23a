//! What is known of every cause: one entry a code, one file a stage. Findings and `explain` both speak from here.

mod connect;
mod exchange;
mod resolve;
mod tls;
mod upgrade;

use super::{Code, Owner, Severity};
use crate::observation::Stage;

/// All that can be said of a cause without having seen it. `title` and `fix` hold `{placeholders}` that a finding fills in.
#[derive(Debug)]
pub struct Entry {
    /// The cause's name.
    pub code: Code,
    /// Where on the ladder it shows.
    pub stage: Stage,
    /// How much it hurts, unless the finding knows better.
    pub severity: Severity,
    /// Who can mend it, unless the finding knows better.
    pub owner: Owner,
    /// The cause in a line.
    pub title: &'static str,
    /// What it means for a person on site.
    pub explanation: &'static str,
    /// What must be seen before it is called `confirmed`.
    pub proof: &'static str,
    /// What to do.
    pub fix: &'static str,
}

impl Entry {
    /// The title with general words in the placeholders' stead.
    pub fn general_title(&self) -> String {
        super::template::fill(self.title, |_| None)
    }

    /// The fix with general words in the placeholders' stead.
    pub fn general_fix(&self) -> String {
        super::template::fill(self.fix, |_| None)
    }
}

/// The entry of `code`.
pub fn entry(code: Code) -> &'static Entry {
    let stages = [resolve::ENTRIES, connect::ENTRIES, tls::ENTRIES, upgrade::ENTRIES, exchange::ENTRIES];
    // Every code has an entry (a test holds this); the first stands in rather than a panic.
    stages.into_iter().flatten().find(|entry| entry.code == code).unwrap_or(&resolve::ENTRIES[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_entry_with_all_its_texts() {
        for code in Code::ALL.iter().copied() {
            let entry = entry(code);
            assert_eq!(entry.code, code);
            for text in [entry.explanation, entry.proof, &entry.general_title(), &entry.general_fix()] {
                assert!(text.len() > 10 && !text.contains(['{', '}']), "{code}: {text}");
            }
            assert_eq!(entry.explanation.trim_end().chars().last(), Some('.'), "{code}");
        }
    }
}
