//! Text that came from a peer is made harmless before a terminal sees it.

/// Writes control characters, and characters that reorder or hide text, as `\u{..}`; all else stays as it is.
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

/// C0 and C1 controls, line and paragraph separators, bidirectional overrides and isolates, zero-width characters, tags.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_that_moves_the_cursor_or_reorders_text_gets_through() {
        assert_eq!(escape("\u{1b}[2J\u{9b}2J\r\n"), "\\u{1b}[2J\\u{9b}2J\\u{d}\\u{a}");
        assert_eq!(escape("\u{202e}gnp.exe\u{200b}"), "\\u{202e}gnp.exe\\u{200b}");
        assert_eq!(escape("Bücher GmbH, 東京"), "Bücher GmbH, 東京");
    }
}
