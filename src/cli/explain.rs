//! `hubreach explain`: what a finding means, how it is proved, who fixes it, and how.

use std::fmt::Write;

use anstyle::Style;
use hubreach::diagnosis::{Code, Owner};
use textwrap::Options;

use super::{
    args::ExplainArgs,
    exit::{CliError, Status},
    stdout,
    topic::{Topic, VerdictText},
};

const WIDTH: usize = 80;

pub fn run(args: &ExplainArgs) -> Result<Status, CliError> {
    let text = match args.code {
        Some(Topic::Code(code)) => explanation(code),
        Some(Topic::Verdict(verdict)) => of_verdict(verdict),
        None if args.markdown => markdown(),
        None => list(),
    };
    stdout::print(&text)?;
    Ok(Status::Met)
}

fn explanation(code: Code) -> String {
    let entry = code.entry();
    let bold = Style::new().bold();
    let title = format!("{code}: {}", code.title());
    let title = textwrap::fill(&title, Options::new(WIDTH).subsequent_indent("  "));
    let mut text = title.replacen(code.id(), &format!("{bold}{code}{bold:#}"), 1) + "\n";
    let _ = writeln!(text, "{}, seen at {}, for {}\n", entry.severity, entry.stage, whom(entry.owner));
    for (heading, body) in parts(code) {
        text.push_str(&part(heading, &body));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn of_verdict(text: &VerdictText) -> String {
    let bold = Style::new().bold();
    format!(
        "{bold}{}{bold:#}: {}\n\n{}{}\n",
        text.verdict,
        text.title,
        part("What to do", text.action),
        part("What it means", text.meaning).trim_end()
    )
}

/// A heading, and what stands below it.
fn part(heading: &str, body: &str) -> String {
    let bold = Style::new().bold();
    let indent = Options::new(WIDTH).initial_indent("  ").subsequent_indent("  ");
    format!("{bold}{heading}{bold:#}\n{}\n\n", textwrap::fill(body, indent))
}

fn list() -> String {
    let widest = Code::ALL.iter().map(|code| code.id().len()).max().unwrap_or_default();
    let mut text = String::new();
    for code in by_stage() {
        let lead = format!("{code:<widest$}  ");
        let rest = " ".repeat(lead.len());
        let indent = Options::new(WIDTH).initial_indent(&lead).subsequent_indent(&rest);
        let _ = writeln!(text, "{}", textwrap::fill(&code.title(), indent));
    }
    text
}

/// The page `docs/causes.md`.
fn markdown() -> String {
    let mut text = "# The causes that hubreach can name\n\n\
        Written by `hubreach explain --markdown`. Words in capitals stand for what a report fills in.\n"
        .to_owned();
    for code in by_stage() {
        let entry = code.entry();
        let (severity, whom) = (entry.severity, whom(entry.owner));
        let _ = writeln!(text, "\n## `{code}`\n\n**{}**\n", code.title());
        let _ = writeln!(text, "{severity}, seen at {}, for {whom}\n", entry.stage);
        for (heading, body) in parts(code) {
            let _ = writeln!(text, "- *{heading}:* {}", body);
        }
    }
    text
}

/// Everything except the title, each part under a heading.
fn parts(code: Code) -> [(&'static str, String); 4] {
    let entry = code.entry();
    [
        ("What to do", code.fix()),
        ("What it means", entry.explanation.to_owned()),
        ("How it is proved", entry.proof.to_owned()),
        ("Who could forge the proof", sentence(&entry.forgery.to_string())),
    ]
}

/// With a capital and a full stop.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| format!("{}{}.", first.to_uppercase(), letters.as_str())).unwrap_or_default()
}

/// Every code, in the order of the stages.
fn by_stage() -> Vec<Code> {
    let mut codes = Code::ALL.to_vec();
    codes.sort_by_key(|code| code.entry().stage);
    codes
}

/// `the firewall owner`, `nobody`.
fn whom(owner: Owner) -> String {
    match owner {
        Owner::Nobody => owner.to_string(),
        owner => format!("the {}", owner.id().replace('-', " ")),
    }
}
