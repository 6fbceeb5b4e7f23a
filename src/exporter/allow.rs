//! Which hubs may be probed. Anyone who reaches the exporter can make it connect: only to these.

use std::str::FromStr;

use crate::hub::HubHost;

/// The hubs that may be asked for.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    /// In the order of their text, each once.
    hubs: Vec<HubHost>,
    patterns: Vec<HubPattern>,
}

impl Allowed {
    /// Each of `hubs`, and whatever one of `patterns` fits.
    pub fn new(hubs: impl IntoIterator<Item = HubHost>, patterns: Vec<HubPattern>) -> Self {
        let mut hubs: Vec<HubHost> = hubs.into_iter().collect();
        hubs.sort_by_cached_key(HubHost::to_string);
        hubs.dedup();
        Self { hubs, patterns }
    }

    /// By what `hub` may be asked for, if at all.
    pub fn by(&self, hub: &HubHost) -> Option<AllowedBy> {
        let by_pattern = || self.patterns.iter().any(|pattern| pattern.fits(hub)).then_some(AllowedBy::Pattern);
        if self.hubs.contains(hub) { Some(AllowedBy::Name) } else { by_pattern() }
    }

    /// Those that are named one by one, in order.
    pub fn named(&self) -> &[HubHost] {
        &self.hubs
    }

    /// The only hub that may be asked for, where there is no other.
    pub fn only(&self) -> Option<&HubHost> {
        match (self.hubs.as_slice(), self.patterns.as_slice()) {
            ([only], []) => Some(only),
            _ => None,
        }
    }

    /// What fits others.
    pub fn patterns(&self) -> &[HubPattern] {
        &self.patterns
    }
}

/// What allows a hub to be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllowedBy {
    /// Its own name: the operator chose it, wherever it leads.
    Name,
    /// A pattern: the client chooses the name, and the owner of the domain where it leads.
    Pattern,
}

/// Every name below a domain: `*.azure-devices.net`. An IP address fits none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubPattern {
    /// With its leading dot, in lower case.
    suffix: String,
}

impl HubPattern {
    fn fits(&self, hub: &HubHost) -> bool {
        hub.name().is_some_and(|name| name.ends_with(&self.suffix))
    }
}

/// A text that is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("type *. and a domain of two parts or more, for example *.azure-devices.net")]
pub struct BadPattern;

impl FromStr for HubPattern {
    type Err = BadPattern;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let domain = text.trim().strip_prefix("*.").ok_or(BadPattern)?;
        // A host is also found in a URL: that is no domain.
        let plain = domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        match HubHost::parse(domain) {
            Ok(HubHost::Name(name)) if plain && name.contains('.') => Ok(Self { suffix: format!(".{name}") }),
            _ => Err(BadPattern),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hub(text: &str) -> HubHost {
        HubHost::parse(text).expect(text)
    }

    #[test]
    fn a_hub_is_itself_however_it_is_written() {
        let allowed = Allowed::new([hub("Contoso.azure-devices.net"), hub("2001:db8::1")], Vec::new());
        for same in ["contoso.azure-devices.net", "CONTOSO.Azure-Devices.net.", "2001:DB8:0::1", "[2001:db8::1]"] {
            assert_eq!(allowed.by(&hub(same)), Some(AllowedBy::Name), "{same}");
        }
        for other in ["contoso.azure-devices.ne", "a.contoso.azure-devices.net", "azure-devices.net", "2001:db8::2"] {
            assert_eq!(allowed.by(&hub(other)), None, "{other}");
        }
    }

    #[test]
    fn a_hub_is_the_only_one_where_nothing_else_is_allowed() {
        let pattern = || vec!["*.example.com".parse().expect("a pattern")];
        assert_eq!(Allowed::new([hub("a.example"), hub("A.example.")], Vec::new()).only(), Some(&hub("a.example")));
        for several in [
            Allowed::new([], Vec::new()),
            Allowed::new([hub("a.example"), hub("b.example")], Vec::new()),
            Allowed::new([hub("a.example")], pattern()),
            Allowed::new([], pattern()),
        ] {
            assert_eq!(several.only(), None, "{several:?}");
        }
    }

    #[test]
    fn a_pattern_is_every_name_below_a_domain() {
        let allowed = Allowed::new([], vec!["*.Azure-devices.net".parse().expect("a pattern")]);
        for fits in ["a.azure-devices.net", "a.b.AZURE-devices.net."] {
            assert_eq!(allowed.by(&hub(fits)), Some(AllowedBy::Pattern), "{fits}");
        }
        for other in ["azure-devices.net", "evilazure-devices.net", "a.azure-devices.net.example", "10.0.0.1"] {
            assert_eq!(allowed.by(&hub(other)), None, "{other}");
        }
    }

    #[test]
    fn what_would_open_everything_is_no_pattern() {
        for text in ["*", "*.", "*.net", "", "a.example", "*.*.example.com", "*.example.com/x", "*.1.2.3.4", "*.a..b"] {
            assert_eq!(text.parse::<HubPattern>(), Err(BadPattern), "{text}");
        }
    }
}
