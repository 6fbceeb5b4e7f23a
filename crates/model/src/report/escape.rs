//! Escapes text from a peer before a terminal shows it.

/// Writes control characters, and characters that reorder or hide text, as `\u{..}`. Everything else stays, the
/// backslash too: the result is for reading, not for parsing.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmful(character) {
            escaped.extend(character.escape_unicode());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Whether a character can steer a terminal, reorder its neighbours or hide, or is not allowed in XML.
pub(super) fn is_harmful(character: char) -> bool {
    // C0, DEL and C1, where U+009B starts a control sequence as ESC [ does.
    character.is_control()
        || matches!(character,
            // Bidirectional marks, embeddings, overrides and isolates; line and paragraph separators.
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Invisible: joiners, fillers, soft hyphen, byte-order mark, annotations, variation selectors, tags.
            | '\u{00ad}' | '\u{034f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            // Not characters (XML 1.0, section 2.2).
            | '\u{fffe}' | '\u{ffff}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_that_moves_the_cursor_or_reorders_text_gets_through() {
        assert_eq!(escape("\u{1b}[2J\u{9b}2J\r\n"), "\\u{1b}[2J\\u{9b}2J\\u{d}\\u{a}");
        assert_eq!(escape("\u{202e}gnp.exe\u{200b}"), "\\u{202e}gnp.exe\\u{200b}");
        assert_eq!(escape("pay\u{ad}pal\u{3164}\u{e0041}"), "pay\\u{ad}pal\\u{3164}\\u{e0041}");
    }

    #[test]
    fn letters_of_any_script_stay() {
        for text in ["Bücher GmbH, 東京", "Ελλάδα", "מכון", "C:\\ca.pem", "😀"] {
            assert_eq!(escape(text), text);
        }
    }
}
