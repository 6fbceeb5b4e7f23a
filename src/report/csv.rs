//! A table for spreadsheets: each check a row (RFC 4180).

use super::{
    Check, Report, parts,
    text::{self, owner, place, shown},
};

/// The columns: a name and what stands there. Programs may rely on the names; more may come behind them.
type Column = (&'static str, fn(&Report, &Check) -> String);

const COLUMNS: [Column; 18] = [
    ("started_at", |report, _| shown(&report.started_at)),
    ("from", |report, _| report.vantage.host.as_deref().map(shown).unwrap_or_default()),
    ("host", |report, _| shown(&report.hub.host)),
    ("kind", |report, _| report.hub.kind.to_string()),
    ("check", |_, check| shown(check.seen.id.as_str())),
    ("protocol", |_, check| check.seen.protocol.to_string()),
    ("port", |_, check| check.seen.port.to_string()),
    ("route", |_, check| check.seen.route.to_string()),
    ("verdict", |_, check| text::verdict(check.verdict).to_lowercase()),
    ("required", |report, _| report.requirement.spec.to_string()),
    ("duration_ms", |_, check| parts::millis(check).map(|millis| format!("{millis:.2}")).unwrap_or_default()),
    ("summary", |_, check| shown(&check.summary)),
    ("causes", |report, check| {
        let codes: Vec<&str> = parts::causes(report, check).iter().map(|cause| cause.code.id()).collect();
        codes.join(" ")
    }),
    ("confidence", |report, check| first(report, check, |cause| text::sure(cause.confidence).to_owned())),
    ("place", |report, check| first(report, check, |cause| cause.location.as_ref().map(place).unwrap_or_default())),
    ("evidence", |report, check| {
        first(report, check, |cause| cause.evidence().iter().map(|line| shown(line)).collect::<Vec<_>>().join("; "))
    }),
    ("owner", |report, check| first(report, check, |cause| owner(cause.owner).to_owned())),
    ("to_do", |report, check| first(report, check, |cause| shown(&cause.fix()))),
];

pub(super) fn render(reports: &[Report]) -> String {
    let mut out = line(COLUMNS.iter().map(|(name, _)| (*name).to_owned()));
    for report in reports {
        for check in parts::sorted(report) {
            out.push_str(&line(COLUMNS.iter().map(|(_, of)| of(report, check))));
        }
    }
    out
}

/// What is to be said of the gravest cause.
fn first(report: &Report, check: &Check, say: impl Fn(&crate::diagnosis::Finding) -> String) -> String {
    parts::causes(report, check).first().map(|cause| say(cause)).unwrap_or_default()
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|cell| format!("\"{}\"", neutral(&cell).replace('"', "\"\""))).collect();
    cells.join(",") + "\r\n"
}

/// Keeps a spreadsheet from taking text for a formula: an apostrophe stands before whatever begins one (OWASP, "CSV
/// Injection"), also behind separators, for where `;` separates by the reader's locale each part is a cell of its own.
fn neutral(cell: &str) -> String {
    let mut neutral = String::with_capacity(cell.len());
    let mut begins = true;
    for character in cell.chars() {
        if begins && matches!(character, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') {
            neutral.push('\'');
        }
        neutral.push(character);
        begins = matches!(character, ',' | ';' | '|' | '"' | '\'') || begins && character.is_whitespace();
    }
    neutral
}

#[cfg(test)]
mod tests {
    use super::neutral;

    #[test]
    fn a_formula_is_text() {
        assert_eq!(neutral("=HYPERLINK(\"http://x\";\"y\")"), "'=HYPERLINK(\"http://x\";\"y\")");
        assert_eq!(neutral(" \u{a0}@SUM(1)"), " \u{a0}'@SUM(1)");
        assert_eq!(neutral("a;=cmd|' /C calc'!A0"), "a;'=cmd|' /C calc'!A0");
        assert_eq!(neutral("'=1"), "''=1");
    }

    #[test]
    fn ordinary_text_stays() {
        for text in ["40.83.12.4", "a-b.example", "TLS 1.3, hub answered 401", "1 + 1 = 2", "株式会社"] {
            assert_eq!(neutral(text), text);
        }
    }
}
