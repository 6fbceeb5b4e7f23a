//! Small parts of sentences.

/// In milliseconds.
const DAY_MS: f64 = 24.0 * 3600.0 * 1000.0;

/// The longest text of a peer that a finding repeats, in characters: enough to recognise it, and bounded.
const MAX_PEER_TEXT: usize = 200;

/// The start of a text that may come from a peer.
pub(crate) fn clipped(text: &str) -> String {
    cut(text, MAX_PEER_TEXT)
}

pub(crate) fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed<T: ToString>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    match items.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A duration in a sentence: `94 ms`, `4.0 s`.
pub(super) fn duration_in_sentence(millis: f64) -> String {
    duration_between(millis, "less than 1 ms", "more than a day")
}

/// A duration in a table: `94 ms`, `<1 ms`.
pub fn duration(millis: f64) -> String {
    duration_between(millis, "<1 ms", ">1 day")
}

fn duration_between(millis: f64, less: &str, more: &str) -> String {
    match millis {
        ..0.5 => less.to_owned(),
        ..999.5 => format!("{millis:.0} ms"),
        ..DAY_MS => format!("{:.1} s", millis / 1000.0),
        // Only a file can say so: no run takes as long.
        _ => more.to_owned(),
    }
}

/// `1 check`, `2 checks`.
pub(crate) fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}
