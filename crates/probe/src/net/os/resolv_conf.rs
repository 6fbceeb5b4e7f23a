//! `resolv.conf` as systems' resolvers read it (resolv.conf(5)): leniently, the last list of domains wins.

/// As many dots as a resolver lets itself be told.
const MAX_DOTS: u8 = 15;
/// More domains than any system appends.
const MAX_DOMAINS: usize = 32;

/// What it configures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResolvConf {
    /// The name servers, as written.
    pub(crate) servers: Vec<String>,
    /// The domains that are appended to names, in order.
    pub(crate) search: Vec<String>,
    /// From how many dots on a name is first looked up as it is.
    pub(crate) ndots: u8,
}

impl Default for ResolvConf {
    fn default() -> Self {
        Self { servers: Vec::new(), search: Vec::new(), ndots: 1 }
    }
}

impl ResolvConf {
    pub(crate) fn parse(text: &str) -> Self {
        let mut config = Self::default();
        for line in text.lines().filter(|line| !line.starts_with([';', '#'])) {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("nameserver") => config.servers.extend(words.next().map(str::to_owned)),
                Some("domain") => config.set_search(words.take(1)),
                Some("search") => config.set_search(words),
                Some("options") => config.set_options(words),
                _ => {}
            }
        }
        config
    }

    /// The domains to append, which the environment can set too (`LOCALDOMAIN`).
    pub(super) fn set_search<'a>(&mut self, domains: impl Iterator<Item = &'a str>) {
        let domains = domains.map(|domain| domain.trim_matches('.').to_ascii_lowercase());
        self.search = domains.filter(|domain| !domain.is_empty()).take(MAX_DOMAINS).collect();
    }

    /// Options, which the environment can set too (`RES_OPTIONS`).
    pub(super) fn set_options<'a>(&mut self, options: impl Iterator<Item = &'a str>) {
        let dots = options.filter_map(|option| option.strip_prefix("ndots:")).filter_map(|dots| dots.parse().ok());
        if let Some(dots) = dots.last() {
            self.ndots = MAX_DOTS.min(dots);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (String, String, u8) {
        let config = ResolvConf::parse(text);
        (config.servers.join(" "), config.search.join(" "), config.ndots)
    }

    #[test]
    fn it_is_read_as_resolvers_read_it() {
        let pod = "search default.svc.cluster.local svc.cluster.local Corp.Example.\n\
                   nameserver 10.96.0.10\noptions edns0 ndots:5 timeout:2\n";
        let wanted = ("10.96.0.10", "default.svc.cluster.local svc.cluster.local corp.example", 5);
        assert_eq!(parsed(pod), (wanted.0.to_owned(), wanted.1.to_owned(), wanted.2));
        assert_eq!(parsed(""), (String::new(), String::new(), 1));
        let last_wins = "domain old.example\nsearch a.example b.example\n; search no\n#nameserver 192.0.2.9\n\
                         nameserver fe80::1%eth0\nnameserver\nnonsense\noptions ndots:99\noptions ndots:x rotate";
        assert_eq!(parsed(last_wins), ("fe80::1%eth0".to_owned(), "a.example b.example".to_owned(), 15));
    }
}
