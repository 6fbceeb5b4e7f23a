//! Of which hubs, ports and places a cause is told: one of each, or several. Here sentences learn singular and plural.

use std::{fmt::Display, net::IpAddr};

use super::{
    Family, Location,
    distinct::Distinct,
    phrases::{behind, devices},
    text::{clipped, listed},
};

/// The most hubs that are named in a sentence.
const MOST_NAMED: usize = 3;

/// Without a host it is told in general, as `explain` does: words in capitals stand for what a report fills in.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Scope {
    hosts: Vec<String>,
    ports: Vec<u16>,
    /// Where on the path, if known: one for each address family, or more where hubs are reached over different paths.
    places: Vec<Location>,
    /// The one address family over which it was seen, though both were tried.
    family: Option<Family>,
    /// The one address of a hub at which it was seen, while another works.
    alone_at: Option<IpAddr>,
}

impl Scope {
    pub(crate) fn of(host: &str, ports: Vec<u16>, places: Vec<Location>) -> Self {
        Self { hosts: vec![clipped(host)], ports, places, family: None, alone_at: None }
    }

    /// The same, over this address family alone.
    pub(crate) fn over(self, family: Option<Family>) -> Self {
        Self { family, ..self }
    }

    /// The same, at this address alone.
    pub(crate) fn alone_at(self, alone_at: Option<IpAddr>) -> Self {
        Self { alone_at, ..self }
    }

    pub(super) fn address(&self) -> Option<IpAddr> {
        self.alone_at
    }

    /// Of no hub in particular.
    pub(crate) fn general() -> Self {
        Self::default()
    }

    /// What is said of all of them.
    pub(crate) fn together<'a>(scopes: impl IntoIterator<Item = &'a Self>) -> Self {
        let (mut hosts, mut ports, mut places) = (Distinct::default(), Distinct::default(), Distinct::default());
        let (mut families, mut addresses) = (Vec::new(), Vec::new());
        for scope in scopes {
            families.push(scope.family);
            addresses.push(scope.alone_at);
            scope.hosts.iter().for_each(|host| hosts.add(host));
            scope.ports.iter().for_each(|port| ports.add(port));
            scope.places.iter().for_each(|place| places.add(place));
        }
        families.dedup();
        addresses.dedup();
        let family = if let [one] = families.as_slice() { *one } else { None };
        let alone_at = if let [one] = addresses.as_slice() { *one } else { None };
        Self { hosts: hosts.into_vec(), ports: ports.into_vec(), places: places.into_vec(), family, alone_at }
    }

    /// The same, at these ports alone.
    pub(crate) fn at_ports(self, ports: &[u16]) -> Self {
        Self { ports: ports.to_vec(), ..self }
    }

    /// The same, without a word of where.
    pub(crate) fn anywhere(self) -> Self {
        Self { places: Vec::new(), ..self }
    }

    pub(crate) fn is_general(&self) -> bool {
        self.hosts.is_empty()
    }

    pub(crate) fn ports(&self) -> &[u16] {
        &self.ports
    }

    pub(crate) fn places(&self) -> &[Location] {
        &self.places
    }

    /// `contoso.azure-devices.net`, `each of a, b, c and 4 more`: what follows speaks of one hub, as in `its address`.
    pub(crate) fn host(&self) -> String {
        match self.hosts.as_slice() {
            [] => "HOST".to_owned(),
            [host] => host.clone(),
            hosts => format!("each of {}", some(hosts)),
        }
    }

    /// `TCP 8883`, `TCP 8883 and 5671 over IPv6`.
    pub(crate) fn tcp(&self) -> String {
        match self.ports.as_slice() {
            [] => "TCP PORTS".to_owned(),
            ports => format!("TCP {}{}", listed(ports), self.over_family()),
        }
    }

    /// ` over IPv6`, where it is so over that alone.
    pub(super) fn over_family(&self) -> String {
        self.family.map(|family| format!(" over {family}")).unwrap_or_default()
    }

    /// A title that says over which address family it is so, or at which address, where that is not all.
    pub(super) fn narrowed(&self, title: String) -> String {
        match (self.family, self.alone_at) {
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

    /// `TCP 8883 speaks`, `TCP 8883 and 5671 speak`: with the verb for several.
    pub(crate) fn tcp_does(&self, verb: &str) -> String {
        format!("{} {verb}{}", self.tcp(), if self.ports.len() > 1 { "" } else { "s" })
    }

    /// Whose rules are to be looked at, where that is known: ` at 10.20.0.1 (hop 2) or the device behind it`.
    pub(crate) fn at_place(&self) -> String {
        self.located().map(|place| format!(" at {place}")).unwrap_or_default()
    }

    /// In full where every hub shows the same place in its address family, else no more than they agree on.
    pub(super) fn located(&self) -> Option<String> {
        let first = self.places.first()?;
        let of = |v6: bool| self.places.iter().filter(move |place| is_v6(place) == v6).count();
        match of(true) <= 1 && of(false) <= 1 {
            true => Some(listed(&self.places.iter().map(devices).collect::<Vec<_>>())),
            false => Some(behind(first, self.places.iter().any(|place| place.next.is_some()))),
        }
    }

    /// What a report has to say, or in general the word that stands for it.
    pub(crate) fn or_word(&self, word: &'static str, value: impl Display) -> String {
        if self.is_general() { word.to_owned() } else { value.to_string() }
    }
}

/// `a, b and c`, or `a, b, c and 4 more`.
pub(crate) fn some<T: AsRef<str>>(names: &[T]) -> String {
    let mut said: Vec<String> = names.iter().take(MOST_NAMED).map(|name| name.as_ref().to_owned()).collect();
    if names.len() > MOST_NAMED {
        said.push(format!("{} more", names.len() - MOST_NAMED));
    }
    listed(&said)
}

fn is_v6(place: &Location) -> bool {
    let behind = place.next.as_ref().and_then(|next| next.address);
    place.address.or(behind).is_some_and(|address| address.is_ipv6())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_hubs_are_counted() {
        assert_eq!(some(&["a", "b", "c"]), "a, b and c");
        assert_eq!(some(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
    }

    #[test]
    fn a_scope_is_said_in_the_right_number() {
        let one = Scope::of("a.test", vec![8883], Vec::new());
        let two = Scope::together([&one, &Scope::of("b.test", vec![5671], Vec::new()), &one]);
        assert_eq!((one.host(), one.tcp_is()), ("a.test".to_owned(), "TCP 8883 is".to_owned()));
        assert_eq!(
            (two.host(), two.tcp_is()),
            ("each of a.test and b.test".to_owned(), "TCP 8883 and 5671 are".to_owned())
        );
        let over_v6 = Scope::of("a.test", vec![8883], Vec::new()).over(Some(Family::V6));
        assert_eq!(over_v6.tcp_is(), "TCP 8883 over IPv6 is");
        assert_eq!(Scope::together([&over_v6, &over_v6]).tcp(), "TCP 8883 over IPv6");
        let at_one = one.clone().alone_at(Some([10, 1, 2, 3].into()));
        assert_eq!(at_one.narrowed("It is shut".to_owned()), "It is shut (for 10.1.2.3 alone)");
        assert_eq!(Scope::together([&at_one, &one]).narrowed("It is shut".to_owned()), "It is shut");
        assert_eq!(over_v6.narrowed("It is shut".to_owned()), "It is shut (over IPv6)");
        assert_eq!(Scope::together([&over_v6, &one]).tcp(), "TCP 8883");
        assert_eq!(
            (one.tcp_does("wait"), two.tcp_does("wait")),
            ("TCP 8883 waits".to_owned(), "TCP 8883 and 5671 wait".to_owned())
        );
        assert_eq!(Scope::general().tcp(), "TCP PORTS");
        assert_eq!(
            (one.or_word("STATUS", 404), Scope::general().or_word("STATUS", 0)),
            ("404".to_owned(), "STATUS".to_owned())
        );
    }
}
