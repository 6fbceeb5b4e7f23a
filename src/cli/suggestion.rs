//! Suggests the known word that is nearest to a mistyped one.

/// The one of `words` that differs from `typed` by a typing error: one letter in four, at least one.
pub fn nearest<'a>(typed: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.trim().to_lowercase().replace([' ', '_'], "-");
    let distances = words.into_iter().map(|word| (strsim::damerau_levenshtein(&typed, word), word));
    let near = distances.filter(|(distance, word)| *distance <= (word.len() / 4).max(1));
    near.min_by_key(|(distance, _)| *distance).map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_what_is_near_is_meant() {
        let words = ["check", "audit", "demo", "silent-drop"];
        for (typed, meant) in [
            ("chekc", Some("check")),
            ("audti", Some("audit")),
            ("dmo", Some("demo")),
            ("Silent drops", Some("silent-drop")),
            ("contoso", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, words), meant, "{typed}");
        }
    }
}
