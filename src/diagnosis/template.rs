//! Sentences with places to fill in.

/// Fills every `{name}` of `template` with its value, or with general words where there is none. What is filled in is
/// not looked at again, so a peer's text cannot pose as a placeholder.
pub(super) fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, name, behind)) = next(rest) {
        filled.push_str(before);
        filled.push_str(&value(name).unwrap_or_else(|| general(name).to_owned()));
        rest = behind;
    }
    filled + rest
}

/// The text before the next placeholder, its name, and the text behind it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let (before, from_name) = text.split_once('{')?;
    let (name, behind) = from_name.split_once('}')?;
    Some((before, name, behind))
}

/// The words of a placeholder whose value is not known.
fn general(name: &str) -> &'static str {
    match name {
        "host" => "the hub",
        "ports" => "to the hub's port",
        "family" => "one address family",
        "addresses" => "the others",
        "place" => "that place on the path",
        "offender" => "a router on the path",
        "icmp" => "an ICMP error",
        "errno" => "the system's error",
        "issuer" => "an authority other than the hub's",
        "names" => "other names",
        "validity" => "outside its validity period",
        "alert" => "an alert",
        "alpn" => "of the hub",
        "mss" => "1200",
        "status" => "an HTTP error",
        _ => "it",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn values_are_not_looked_at_again() {
        let filled = super::fill("{issuer} signs for {host}", |name| (name == "issuer").then(|| "{host}".to_owned()));
        assert_eq!(filled, "{host} signs for the hub");
        assert_eq!(super::fill("open { only", |_| None), "open { only");
    }
}
