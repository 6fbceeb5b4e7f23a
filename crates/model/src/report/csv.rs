//! A table for spreadsheets (RFC 4180): one row per check.

use std::rc::Rc;

use super::{
    Check, Report,
    index::{Cause, Index},
    sections,
    text::{self, located, owner, shown},
};

/// The columns: name and content. Programs may rely on the names; new columns are appended.
type Column = (&'static str, fn(&Row<'_>) -> String);

/// A check, and its causes.
struct Row<'a> {
    report: &'a Report,
    check: Check<'a>,
    causes: &'a [Rc<Cause<'a>>],
}

const COLUMNS: [Column; 24] = [
    ("started_at", |row| shown(&row.report.observations.started_at)),
    ("from", |row| row.report.observations.vantage.host.as_deref().map(shown).unwrap_or_default()),
    ("host", |row| shown(&row.report.observations.hub.host)),
    ("kind", |row| row.report.observations.hub.kind.to_string()),
    ("check", |row| shown(row.check.observations.id.as_str())),
    ("protocol", |row| row.check.observations.protocol.to_string()),
    ("port", |row| row.check.observations.port.to_string()),
    ("route", |row| row.check.observations.route.to_string()),
    ("verdict", |row| text::verdict(row.check.verdict).to_lowercase()),
    ("required", |row| row.report.observations.requirement.to_string()),
    ("duration_ms", |row| sections::millis(row.check).map(|millis| format!("{millis:.2}")).unwrap_or_default()),
    ("summary", |row| shown(row.check.summary)),
    ("causes", |row| row.causes.iter().map(|cause| cause.code.id()).collect::<Vec<_>>().join(" ")),
    ("confidence", |row| row.first(|cause| cause.confidence.to_string())),
    ("location", |row| row.first(|cause| cause.location.as_ref().map(located).unwrap_or_default())),
    ("evidence", |row| row.first(|cause| cause.words().evidence.join("; "))),
    ("owner", |row| row.first(|cause| owner(cause.owner).to_owned())),
    ("action", |row| {
        row.first(|cause| cause.words().actions.iter().map(|(_, what)| what.as_str()).collect::<Vec<_>>().join(" "))
    }),
    ("name", |row| row.report.planned("name")),
    ("site", |row| row.report.planned("site")),
    ("contact", |row| row.report.planned("contact")),
    ("note", |row| row.report.planned("note")),
    ("plan", |row| row.report.plan.iter().filter_map(|plan| plan.file.as_deref()).map(shown).collect()),
    ("plan_line", |row| row.report.plan.iter().filter_map(|plan| plan.line).map(|line| line.to_string()).collect()),
];

pub(super) fn render(reports: &[Report]) -> String {
    let mut out = line(COLUMNS.iter().map(|(name, _)| (*name).to_owned()));
    for report in reports {
        let index = Index::of(report);
        for check in sections::sorted(report) {
            let row = Row { report, check, causes: index.causes(check) };
            out.push_str(&line(COLUMNS.iter().map(|(_, of)| of(&row))));
        }
    }
    out
}

impl Row<'_> {
    /// A value of the most severe cause.
    fn first(&self, say: impl Fn(&Cause<'_>) -> String) -> String {
        self.causes.first().map(|cause| say(cause)).unwrap_or_default()
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|cell| format!("\"{}\"", neutral(&cell).replace('"', "\"\""))).collect();
    cells.join(",") + "\r\n"
}

/// Keeps a spreadsheet from reading text as a formula: an apostrophe precedes each character that begins one (OWASP,
/// "CSV Injection"). Also after separators: in locales that separate by `;`, each part is a cell.
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
