//! `hubreach explain`: what a finding means, how it is proved, who fixes it, and how.

use std::fmt::Write;

use anstyle::Style;
use hubreach::diagnosis::{Code, catalogue};
use serde::Serialize;
use textwrap::Options;

use super::{
    args::ExplainArgs,
    exit::{Failure, Status},
    output,
};

const WIDTH: usize = 80;

pub fn run(args: &ExplainArgs) -> Result<Status, Failure> {
    let text = match args.code {
        Some(code) => explanation(code),
        None if args.markdown => markdown(),
        None => list(),
    };
    output::stdout(&text)?;
    Ok(Status::Met)
}

fn explanation(code: Code) -> String {
    let entry = catalogue::entry(code);
    let bold = Style::new().bold();
    let title = format!("{code}: {}", outside_a_report(entry.title));
    let title = textwrap::fill(&title, Options::new(WIDTH).subsequent_indent("  "));
    let mut text = title.replacen(code.id(), &format!("{bold}{code}{bold:#}"), 1) + "\n";
    let _ = writeln!(
        text,
        "{}, seen at {}, for the {}\n",
        word(entry.severity),
        entry.stage,
        word(entry.owner).replace('-', " ")
    );
    for (heading, body) in
        [("What it means", entry.explanation), ("How it is proved", entry.proof), ("What to do", entry.fix)]
    {
        let indent = Options::new(WIDTH).initial_indent("  ").subsequent_indent("  ");
        let _ = writeln!(text, "{bold}{heading}{bold:#}\n{}\n", textwrap::fill(&outside_a_report(body), indent));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn list() -> String {
    let widest = Code::ALL.iter().map(|code| code.id().len()).max().unwrap_or_default();
    let mut text = String::new();
    for code in Code::ALL {
        let lead = format!("{code:<widest$}  ");
        let rest = " ".repeat(lead.len());
        let indent = Options::new(WIDTH).initial_indent(&lead).subsequent_indent(&rest);
        let _ = writeln!(text, "{}", textwrap::fill(&outside_a_report(catalogue::entry(*code).title), indent));
    }
    text
}

/// The page `docs/causes.md`.
fn markdown() -> String {
    let mut text = "# The causes that hubreach can name\n\n\
        Written by `hubreach explain --markdown`. Words in capitals stand for what a report fills in.\n"
        .to_owned();
    for code in Code::ALL {
        let entry = catalogue::entry(*code);
        let (severity, owner) = (word(entry.severity), word(entry.owner).replace('-', " "));
        let _ = writeln!(text, "\n## `{code}`\n\n**{}**\n", in_capitals(entry.title));
        let _ = writeln!(text, "{severity}, seen at {}, for the {owner}\n", entry.stage);
        for (heading, body) in
            [("What it means", entry.explanation), ("How it is proved", entry.proof), ("What to do", entry.fix)]
        {
            let _ = writeln!(text, "- *{heading}:* {}", in_capitals(body));
        }
    }
    text
}

/// The catalogue's `{ports}` as `PORTS`: Markdown would take `<ports>` for HTML.
fn in_capitals(text: &str) -> String {
    let mut inside = false;
    let capital = |letter: char| {
        match letter {
            '{' => inside = true,
            '}' => inside = false,
            _ if inside => return Some(letter.to_ascii_uppercase()),
            _ => return Some(letter),
        }
        None
    };
    text.chars().filter_map(capital).collect()
}

/// The catalogue's `{ports}`, which a report fills in, as a reader of manuals expects it: `<ports>`.
fn outside_a_report(text: &str) -> String {
    text.replace('{', "<").replace('}', ">")
}

/// The word that JSON has for it.
fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
