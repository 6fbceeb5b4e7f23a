//! What was typed and looks like a credential is not repeated.

use std::ffi::OsString;

use hubreach::hub::looks_secret;

/// `message` without the credentials that were typed where they do not belong, such as for a file's name.
pub fn redact(message: &str) -> String {
    secrets(std::env::args_os()).fold(message.to_owned(), |message, secret| {
        let value = match secret.split_once('=') {
            Some((option, value)) if option.starts_with("--") => value,
            _ => &secret,
        };
        message.replace(value, "(not shown)")
    })
}

/// The words and variables that look like credentials, among all that a message could quote.
pub fn secrets(argv: impl IntoIterator<Item = OsString>) -> impl Iterator<Item = String> {
    let variables = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HUBREACH_"));
    let typed = argv.into_iter().chain(variables.map(|(_, value)| value));
    typed.map(|word| word.to_string_lossy().into_owned()).filter(|word| looks_secret(word))
}
