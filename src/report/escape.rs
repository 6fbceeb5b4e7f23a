//! What a peer sent is shown, but never obeyed: no terminal control, no reordered or invisible text.

use std::{borrow::Cow, fmt::Write};

/// `text` with every unsafe character written out: `\n`, `\x1b`, `\u{202e}`. Letters of any script stay as they are, and
/// so does the backslash: this is for reading, not for parsing back.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut inert = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => inert.push_str("\\n"),
            '\r' => inert.push_str("\\r"),
            '\t' => inert.push_str("\\t"),
            // Writing to a string cannot fail.
            c if is_unsafe(c) && u32::from(c) < 0x100 => drop(write!(inert, "\\x{:02x}", u32::from(c))),
            c if is_unsafe(c) => drop(write!(inert, "\\u{{{:x}}}", u32::from(c))),
            c => inert.push(c),
        }
    }
    Cow::Owned(inert)
}

/// Whether a character could steer a terminal, change the order of its neighbours, or hide.
pub fn is_unsafe(c: char) -> bool {
    // C0, DEL and C1, where U+009B starts a control sequence as ESC [ does.
    c.is_control()
        || matches!(c,
            // Marks, embeddings, overrides and isolates of bidirectional text.
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Without width or ink: joiners, fillers, soft hyphen, byte-order mark, shorthand and annotation controls.
            | '\u{00ad}' | '\u{034f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fe00}'..='\u{fe0f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
            // Line and paragraph separators.
            | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_steer_a_terminal_is_written_out() {
        assert_eq!(escaped("\x1b[2Jgone\x07"), "\\x1b[2Jgone\\x07");
        assert_eq!(escaped("\u{9b}31m"), "\\x9b31m");
        assert_eq!(escaped("a\r\n\tb\0"), "a\\r\\n\\tb\\x00");
    }

    #[test]
    fn what_could_mislead_a_reader_is_written_out() {
        assert_eq!(escaped("safe\u{202e}live\u{2066}"), "safe\\u{202e}live\\u{2066}");
        assert_eq!(escaped("pay\u{200b}pal\u{feff}"), "pay\\u{200b}pal\\u{feff}");
    }

    #[test]
    fn letters_of_any_script_stay() {
        for text in ["Zürich Prüfstelle", "株式会社", "Ελλάδα", "מכון", "C:\\ca.pem", "😀"] {
            assert!(matches!(escaped(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }
}
