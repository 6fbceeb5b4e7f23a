//! The hubs, ports and locations that a text is about, one or several. Singular and plural are decided here.

use std::{fmt::Display, net::IpAddr};

use super::{
    Family, Location,
    ordered_set::OrderedSet,
    phrases::{behind, devices},
    text::{clipped, listed},
};

/// The most hubs that are named in a sentence.
const MAX_NAMED: usize = 3;

/// Without a host the text is general, as for `explain`: words in capitals are placeholders for what a report fills in.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Scope {
    hosts: Vec<String>,
    ports: Vec<u16>,
    /// Where on the path, if known: one for each address family, or more if hubs are reached over different paths.
    locations: Vec<Location>,
    /// The only address family that shows it, though both were tried.
    family: Option<Family>,
    /// The only address of a hub that shows it, if another works.
    only_at: Option<IpAddr>,
    /// Whether it is the way to the proxy that is told of.
    is_proxy: bool,
}

impl Scope {
    pub(crate) fn of(host: &str, ports: Vec<u16>, locations: Vec<Location>) -> Self {
        Self { hosts: vec![clipped(host)], ports, locations, ..Self::default() }
    }

    /// The way to the proxy at `host`.
    pub(crate) fn of_proxy(host: &str, port: u16, locations: Vec<Location>) -> Self {
        Self { is_proxy: true, ..Self::of(host, vec![port], locations) }
    }

    pub(crate) fn with_family(self, family: Option<Family>) -> Self {
        Self { family, ..self }
    }

    pub(crate) fn only_at(self, only_at: Option<IpAddr>) -> Self {
        Self { only_at, ..self }
    }

    pub(super) fn address(&self) -> Option<IpAddr> {
        self.only_at
    }

    /// Without a particular hub.
    pub(crate) fn general() -> Self {
        Self::default()
    }

    /// The scope of all of them.
    pub(crate) fn merged<'a>(scopes: impl IntoIterator<Item = &'a Self>) -> Self {
        let (mut hosts, mut ports, mut locations) =
            (OrderedSet::default(), OrderedSet::default(), OrderedSet::default());
        let (mut families, mut addresses) = (Vec::new(), Vec::new());
        for scope in scopes {
            families.push(scope.family);
            addresses.push(scope.only_at);
            scope.hosts.iter().for_each(|host| hosts.add(host));
            scope.ports.iter().for_each(|port| ports.add(port));
            scope.locations.iter().for_each(|location| locations.add(location));
        }
        families.dedup();
        addresses.dedup();
        let family = if let [one] = families.as_slice() { *one } else { None };
        let only_at = if let [one] = addresses.as_slice() { *one } else { None };
        let (hosts, ports, locations) = (hosts.into_vec(), ports.into_vec(), locations.into_vec());
        Self { hosts, ports, locations, family, only_at, is_proxy: false }
    }

    /// The same scope, for these ports only.
    pub(crate) fn at_ports(self, ports: &[u16]) -> Self {
        Self { ports: ports.to_vec(), ..self }
    }

    /// The same scope, without locations.
    pub(crate) fn without_locations(self) -> Self {
        Self { locations: Vec::new(), ..self }
    }

    pub(crate) fn is_general(&self) -> bool {
        self.hosts.is_empty()
    }

    pub(crate) fn ports(&self) -> &[u16] {
        &self.ports
    }

    pub(crate) fn locations(&self) -> &[Location] {
        &self.locations
    }

    /// `contoso.azure-devices.net`, or `each of a, b, c and 4 more`: the rest of the sentence speaks of one hub, as in
    /// `its address`.
    pub(crate) fn host(&self) -> String {
        match self.hosts.as_slice() {
            [] => "HOST".to_owned(),
            [host] => host.clone(),
            hosts => format!("each of {}", shortened_list(hosts)),
        }
    }

    /// Who is at the other end: `the hub`, `the proxy`.
    pub(super) fn peer(&self) -> &'static str {
        if self.is_proxy { "the proxy" } else { "the hub" }
    }

    /// What a firewall's owner must know of a host that has a name: ` (by name; its address can change)`.
    pub(super) fn by_name(&self) -> &'static str {
        let is_address = |host: &String| host.parse::<IpAddr>().is_ok();
        if !self.hosts.is_empty() && self.hosts.iter().all(is_address) {
            ""
        } else {
            " (by name; its address can change)"
        }
    }

    /// `TCP 8883`, `TCP 8883 and 5671 over IPv6`.
    pub(crate) fn tcp(&self) -> String {
        match self.ports.as_slice() {
            [] => "TCP PORTS".to_owned(),
            ports => format!("TCP {}{}", listed(ports), self.over_family()),
        }
    }

    /// ` over IPv6`, if only that family is affected.
    pub(super) fn over_family(&self) -> String {
        self.family.map(|family| format!(" over {family}")).unwrap_or_default()
    }

    /// Adds the address family or the address to a title, if only that one is affected.
    pub(super) fn narrowed_title(&self, title: String) -> String {
        match (self.family, self.only_at) {
            (Some(family), _) if title.contains(&format!(" over {family}")) => title,
            (Some(family), _) => format!("{title} (over {family})"),
            (None, Some(address)) => format!("{title} (for {address} alone)"),
            (None, None) => title,
        }
    }

    /// `TCP 8883 is`, `TCP 8883 and 5671 are`.
    pub(crate) fn tcp_is(&self) -> String {
        format!("{} {}", self.tcp(), if self.ports.len() > 1 { "are" } else { "is" })
    }

    /// `TCP 8883 speaks`, `TCP 8883 and 5671 speak`; `verb` is in the plural.
    pub(crate) fn tcp_does(&self, verb: &str) -> String {
        format!("{} {verb}{}", self.tcp(), if self.ports.len() > 1 { "" } else { "s" })
    }

    /// The devices whose rules to look at, if known: ` at 10.20.0.1 (hop 2) or the device behind it`.
    pub(crate) fn at_location(&self) -> String {
        self.location_text().map(|location| format!(" at {location}")).unwrap_or_default()
    }

    /// In full if all hubs show one location for each address family; else no more precise than they agree on.
    pub(super) fn location_text(&self) -> Option<String> {
        let first = self.locations.first()?;
        let of = |v6: bool| self.locations.iter().filter(move |location| is_v6(location) == v6).count();
        match of(true) <= 1 && of(false) <= 1 {
            true => Some(listed(&self.locations.iter().map(devices).collect::<Vec<_>>())),
            false => Some(behind(first, self.locations.iter().any(|location| location.next.is_some()))),
        }
    }

    /// `value`, or the placeholder `word` in a general text.
    pub(crate) fn or_placeholder(&self, word: &'static str, value: impl Display) -> String {
        if self.is_general() { word.to_owned() } else { value.to_string() }
    }
}

/// `a, b and c`, or `a, b, c and 4 more`.
pub(crate) fn shortened_list<T: AsRef<str>>(names: &[T]) -> String {
    let mut shown: Vec<String> = names.iter().take(MAX_NAMED).map(|name| name.as_ref().to_owned()).collect();
    if names.len() > MAX_NAMED {
        shown.push(format!("{} more", names.len() - MAX_NAMED));
    }
    listed(&shown)
}

fn is_v6(location: &Location) -> bool {
    let behind = location.next.as_ref().and_then(|next| next.address);
    location.address.or(behind).is_some_and(|address| address.is_ipv6())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_hubs_are_counted() {
        assert_eq!(shortened_list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(shortened_list(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
    }

    #[test]
    fn locations_are_told_in_full_if_there_is_one_for_each_family() {
        let at = |address: &str| Location { hop: 2, address: address.parse().ok(), next: None, of: Some(9) };
        let text = |locations: Vec<Location>| Scope::of("a.test", vec![8883], locations).location_text();
        let (v4, v6) = (at("10.20.0.1"), at("fd00::1"));
        let full = format!("{} and {}", devices(&v4), devices(&v6));
        assert_eq!(text(vec![v4.clone(), v6.clone()]), Some(full));
        assert_eq!(text(vec![v4.clone()]), Some(devices(&v4)));
        assert_eq!(text(vec![v4.clone(), Location { hop: 3, ..v4.clone() }]), Some(behind(&v4, false)));
        assert_eq!(text(vec![v6.clone(), Location { hop: 3, ..v6.clone() }]), Some(behind(&v6, false)));
        assert_eq!(text(Vec::new()), None);
    }

    #[test]
    fn a_scope_is_said_in_the_right_number() {
        let one = Scope::of("a.test", vec![8883], Vec::new());
        let two = Scope::merged([&one, &Scope::of("b.test", vec![5671], Vec::new()), &one]);
        assert_eq!((one.host(), one.tcp_is()), ("a.test".to_owned(), "TCP 8883 is".to_owned()));
        assert_eq!(
            (two.host(), two.tcp_is()),
            ("each of a.test and b.test".to_owned(), "TCP 8883 and 5671 are".to_owned())
        );
        let over_v6 = Scope::of("a.test", vec![8883], Vec::new()).with_family(Some(Family::V6));
        assert_eq!(over_v6.tcp_is(), "TCP 8883 over IPv6 is");
        assert_eq!(Scope::merged([&over_v6, &over_v6]).tcp(), "TCP 8883 over IPv6");
        let at_one = one.clone().only_at(Some([10, 1, 2, 3].into()));
        assert_eq!(at_one.narrowed_title("It is shut".to_owned()), "It is shut (for 10.1.2.3 alone)");
        assert_eq!(Scope::merged([&at_one, &one]).narrowed_title("It is shut".to_owned()), "It is shut");
        assert_eq!(over_v6.narrowed_title("It is shut".to_owned()), "It is shut (over IPv6)");
        assert_eq!(Scope::merged([&over_v6, &one]).tcp(), "TCP 8883");
        assert_eq!(
            (one.tcp_does("wait"), two.tcp_does("wait")),
            ("TCP 8883 waits".to_owned(), "TCP 8883 and 5671 wait".to_owned())
        );
        assert_eq!(Scope::general().tcp(), "TCP PORTS");
        assert_eq!(
            (one.or_placeholder("STATUS", 404), Scope::general().or_placeholder("STATUS", 0)),
            ("404".to_owned(), "STATUS".to_owned())
        );
    }
}
