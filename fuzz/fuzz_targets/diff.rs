//! Whatever stands in two saved reports, with a line `---` between them: compared, and told in every format; nothing changes between a report and itself.
#![no_main]

use hubreach::report::{Screen, diff, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (before, after) = text.split_once("\n---\n").unwrap_or((text, text));
    let (Ok(before), Ok(after)) = (read(before), read(after)) else { return };
    if let Ok(diff) = diff::compare(&before, &after) {
        for written in [diff.human(Screen::new(40, false)), diff.human(Screen::FILE), diff.json(), diff.markdown()] {
            assert!(!written.is_empty());
        }
    }
    if let Ok(none) = diff::compare(&before, &before) {
        assert!(!none.regressed && none.counts.unchanged == none.checks.len(), "{}", none.human(Screen::FILE));
    }
});
