//! What looks like a credential is not repeated.

/// Whether `word` may hold a credential: a connection string, a token, a password in a URL.
pub fn looks_secret(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let has_user = word.split_once('@').is_some_and(|(user, _)| user.contains(':'));
    has_user || ["sharedaccess", "sig=", "password", "token", "secret"].iter().any(|mark| word.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_noticed() {
        for word in ["HostName=a;SharedAccessKey=x", "https://u:p@host/", "SharedAccessSignature sr=a&sig=b"] {
            assert!(looks_secret(word), "{word}");
        }
        for word in ["contoso.azure-devices.net:8883", "mqtt=18883", "mqtt,https@direct", "::1"] {
            assert!(!looks_secret(word), "{word}");
        }
    }
}
