//! The report for a terminal: the answer in the first sentence, then the table, then what to do and why for the most
//! important cause, then the others in a line each. Unfolded it shows every cause in full, and what was measured.
//! Readable without colour.

mod causes;
mod details;
mod rows;

use std::fmt::Write as _;

use self::rows::rows;
use super::{
    Report,
    answer::{Answer, Standing},
    index::Index,
    plan,
    screen::{Page, Screen},
    sections,
    style::{BOLD, colour},
    text::shown,
};
use crate::diagnosis::Verdict;

pub(super) fn render(report: &Report, screen: Screen) -> String {
    let index = Index::of(report);
    let mut page = Page::new(screen);
    answer(&mut page, &Answer::of(report, &index));
    for (key, value) in plan::besides(report) {
        page.wrapped("", "  ", &format!("{key}: {value}"));
    }
    page.part();
    rows(&mut page, report, &index, screen);
    limits(&mut page, report);
    match screen.is_unfolded() {
        true => {
            advice(&mut page, report);
            causes::unfolded(&mut page, report, &index);
            details::write(&mut page, report);
        }
        false => causes::folded(&mut page, report, &index),
    }
    page.into_text()
}

fn answer(page: &mut Page, answer: &Answer) {
    let style = match answer.standing {
        Standing::All => colour(Verdict::Allowed),
        Standing::None => colour(Verdict::Blocked),
        Standing::Some | Standing::Unknown => colour(Verdict::Unknown),
    }
    .bold();
    page.styled(style, "", "", &answer.sentences());
}

fn limits(page: &mut Page, report: &Report) {
    for line in sections::limits(report) {
        page.wrapped("", "", &line);
    }
}

/// Prevents a line break inside `text`; [`Page::wrapped`] restores the spaces.
fn whole(text: &str) -> String {
    text.replace(' ', "\u{a0}")
}

fn advice(page: &mut Page, report: &Report) {
    page.part();
    let Some((recommendation, used)) = report.diagnosis.recommendation.as_ref().zip(sections::used(report)) else {
        let _ = writeln!(page, "{BOLD}{}{BOLD:#}", sections::nothing(report));
        return;
    };
    let text = format!("{used} {}", sections::advice(recommendation, shown));
    page.push(&page.lines("", "", &text).replacen(&used, &format!("{BOLD}{used}{BOLD:#}"), 1));
    let named = sections::named(&recommendation.settings);
    let named: Vec<String> = named.into_iter().map(|(sdk, setting)| whole(&format!("{sdk} {setting}"))).collect();
    if !named.is_empty() {
        page.wrapped("  ", "  ", &format!("{}.", named.join(", ")));
    }
    for (sdk, line) in sections::proxy_lines(recommendation) {
        page.wrapped("  ", "    ", &format!("{sdk}: {line}"));
    }
}
