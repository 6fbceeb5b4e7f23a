//! Text and rows escaped for Markdown.

use std::fmt::Write as _;

use super::text::{self, shown};
use crate::diagnosis::Verdict;

pub(super) fn verdict(verdict: Verdict) -> String {
    match verdict {
        Verdict::Allowed => "allowed".to_owned(),
        other => format!("**{}**", text::verdict(other)),
    }
}

pub(super) fn row(out: &mut String, cells: impl IntoIterator<Item = impl AsRef<str>>) {
    for cell in cells {
        let _ = write!(out, "| {} ", cell.as_ref());
    }
    out.push_str("|\n");
}

/// Invisible: a name or number after it is not a mention.
const NO_MENTION: &str = "&#8203;";

/// Whether a page would notify a user (`@name`), link an address (`name@host.example`) or an issue (`#1`,
/// `owner/name#1`).
fn is_mention(before: &str, character: char, behind: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let names = behind.starts_with(is_word);
    match character {
        // A check is named `mqtt@direct`.
        '@' if before.ends_with(is_word) => {
            let host = behind.split(|letter: char| !is_word(letter) && !"-.".contains(letter)).next();
            host.is_some_and(|host| host.contains('.'))
        }
        '@' | '#' => names,
        _ => false,
    }
}

/// Text that may come from outside: no markup, no links from addresses, no mentions.
pub(super) fn escaped(text: &str) -> String {
    let text = shown(text);
    let mut escaped = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        let is_inner = |next: char| !next.is_whitespace();
        let is_markup = match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '$' | '#' | '!' | '^' => true,
            // Begins a list or a heading's underline only at the start of a line, where nearly all text is our own.
            '-' | '+' | '=' => at == 0,
            '.' | ')' if text[..at].bytes().all(|byte| byte.is_ascii_digit()) => !text[at + 1..].starts_with(is_inner),
            // GitHub makes links of bare addresses.
            '.' => at.checked_sub(3).and_then(|from| text.get(from..at)).is_some_and(|w| w.eq_ignore_ascii_case("www")),
            ':' => text[at..].starts_with("://"),
            _ => false,
        };
        if is_markup {
            escaped.push('\\');
        }
        escaped.push(character);
        // A backslash prevents neither mentions nor issue links: GitHub adds both after rendering.
        if is_mention(&text[..at], character, &text[at + character.len_utf8()..]) {
            escaped.push_str(NO_MENTION);
        }
    }
    escaped
}
