//! Names that nearly match those of known hubs.

use super::KINDS;

/// The intended name, if `host` is only a typing error away from one of a known hub: one word of its suffix has at most
/// one wrong letter in five, or its last label differs.
pub(super) fn near_miss(host: &str) -> Option<String> {
    let suffixes = KINDS.iter().flat_map(|facts| facts.suffixes.iter().map(|(suffix, _)| *suffix));
    let near = suffixes.filter_map(|suffix| meant(host, suffix));
    near.min_by_key(|(wrong, _)| *wrong).map(|(_, meant)| meant)
}

/// `host` with the words of `suffix`, and the number of changes.
fn meant(host: &str, suffix: &str) -> Option<(usize, String)> {
    let labels: Vec<&str> = host.split('.').collect();
    let words: Vec<&str> = suffix.split('.').collect();
    let own = labels.len().checked_sub(words.len())?;
    let (mut wrong, mut name) = (0, labels[..own].to_vec());
    for (at, (label, word)) in labels[own..].iter().zip(&words).enumerate() {
        if let Some(end) = word.strip_prefix('*') {
            if !label.ends_with(end) {
                return None;
            }
            name.push(label);
            continue;
        }
        let distance = strsim::damerau_levenshtein(label, word);
        let is_last = at + 1 == words.len();
        // Another top-level domain is a typing error too.
        if distance > word.len() / 5 && !is_last {
            return None;
        }
        wrong += if is_last { distance.min(2) } else { distance };
        name.push(word);
    }
    Some((wrong, name.join(".")))
}

#[cfg(test)]
mod tests {
    use super::near_miss;

    #[test]
    fn a_typing_error_is_noticed_and_other_names_are_left_alone() {
        for (typed, meant) in [
            ("contoso.azure-device.net", Some("contoso.azure-devices.net")),
            ("contoso.azure-devices.com", Some("contoso.azure-devices.net")),
            ("contoso.azuredevices.net", Some("contoso.azure-devices.net")),
            ("contoso.azure-devcies.cn", Some("contoso.azure-devices.cn")),
            ("a1-ats.iot.eu-west-1.amazonaws.co", Some("a1-ats.iot.eu-west-1.amazonaws.com")),
            ("a1.iot.eu-west-1.amazonws.com", Some("a1.iot.eu-west-1.amazonaws.com")),
            ("broker.example", None),
            ("bucket.s3.eu-west-1.amazonaws.com", None),
            ("myregistry.azurecr.io", None),
            ("hub.devices.net", None),
        ] {
            assert_eq!(near_miss(typed).as_deref(), meant, "{typed}");
        }
    }
}
