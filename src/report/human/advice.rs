//! What to do: use what is allowed, and ask the right people for the rest.

use super::{
    layout::{self, pack, shown},
    style::{self, styled},
    words,
};
use crate::{
    diagnosis::{Owner, Recommendation, SdkSettings, Severity, Verdict},
    report::Report,
};

pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    match &report.recommendation {
        Some(recommendation) => recommend(&mut out, recommendation),
        None if nothing_can_be_used(report) => {
            layout::paragraph(&mut out, "  ", 2, "No protocol of this hub can be used from here.");
        }
        None => {}
    }
    for (owner, fixes) in to_mend(report) {
        ask(&mut out, owner, &fixes);
    }
    if out.is_empty() { out } else { format!("{}\n{out}", styled(style::HEADING, "What to do")) }
}

fn recommend(out: &mut String, recommendation: &Recommendation) {
    let advice = format!("Use {}", recommendation.protocol.label());
    let mut text = String::new();
    layout::paragraph(&mut text, "  ", 4, &format!("{advice}: {}", shown(&recommendation.reason)));
    out.push_str(&text.replacen(&advice, &styled(style::GOOD, &advice), 1));
    let settings = settings(&recommendation.settings);
    if !settings.is_empty() {
        pack(out, "    Settings: ", &settings);
    }
}

/// What one of the people in charge is to do.
fn ask(out: &mut String, owner: Owner, fixes: &[&str]) {
    let Some(owner) = words::owner(owner) else {
        return fixes.iter().for_each(|fix| layout::paragraph(out, "  ", 4, &shown(fix)));
    };
    match fixes {
        [fix] => layout::paragraph(out, "  ", 4, &format!("{owner}: {}", shown(fix))),
        fixes => {
            layout::paragraph(out, "  ", 4, &format!("{owner}:"));
            fixes.iter().for_each(|fix| layout::paragraph(out, "    - ", 6, &shown(fix)));
        }
    }
}

fn settings(settings: &SdkSettings) -> Vec<String> {
    let SdkSettings { dotnet, java, python, node, iot_edge } = settings;
    let all = [(".NET", dotnet), ("Java", java), ("Python", python), ("Node", node), ("IoT Edge", iot_edge)];
    all.into_iter().filter_map(|(sdk, value)| Some(format!("{sdk} {}", shown(value.as_deref()?)))).collect()
}

fn nothing_can_be_used(report: &Report) -> bool {
    !report.checks.is_empty()
        && report.checks.iter().all(|check| matches!(check.verdict, Verdict::Blocked | Verdict::Declined))
}

/// Each thing to do once, by who is to do it; what follows from another finding is mended with that one.
fn to_mend(report: &Report) -> Vec<(Owner, Vec<&str>)> {
    let mut todo: Vec<(Owner, Vec<&str>)> = Vec::new();
    for finding in &report.findings {
        let fix = finding.fix.trim();
        if finding.severity == Severity::Info || finding.depends_on.is_some() || fix.is_empty() {
            continue;
        }
        match todo.iter_mut().find(|(owner, _)| *owner == finding.owner) {
            Some((_, fixes)) if fixes.contains(&fix) => {}
            Some((_, fixes)) => fixes.push(fix),
            None => todo.push((finding.owner, vec![fix])),
        }
    }
    todo
}
