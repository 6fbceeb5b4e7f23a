//! The ICMP errors that answer a SYN, and who is responsible for each.

/// An ICMP (RFC 792, RFC 1812 section 5.2.7.1) or ICMPv6 (RFC 4443 section 3) error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IcmpError {
    pub(super) icmp_type: u8,
    pub(super) code: u8,
    pub(super) v6: bool,
}

/// Who is responsible for an error, as far as it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blame {
    /// A rule forbids the packet.
    Policy,
    /// The port is closed; a router that says so about another machine's port follows a rule.
    Port,
    /// A route is missing, or a machine is down.
    Routing,
}

impl IcmpError {
    /// The RFC's name for it.
    pub(super) fn name(self) -> String {
        let name = match (self.v6, self.icmp_type, self.code) {
            (false, 3, 0) => "network unreachable",
            (false, 3, 1) => "host unreachable",
            (false, 3, 2) => "protocol unreachable",
            (false, 3, 3) => "port unreachable",
            (false, 3, 6) => "network unknown",
            (false, 3, 7) => "host unknown",
            (false, 3, 9) => "network administratively prohibited",
            (false, 3, 10) => "host administratively prohibited",
            (false, 3, 13) | (true, 1, 1) => "administratively prohibited",
            (true, 1, 0) => "no route to destination",
            (true, 1, 2) => "beyond the scope of the source address",
            (true, 1, 3) => "address unreachable",
            (true, 1, 4) => "port unreachable",
            (true, 1, 5) => "source address failed policy",
            (true, 1, 6) => "reject route to destination",
            (false, 11, _) | (true, 3, _) => "time exceeded",
            (_, icmp_type, code) => return format!("type {icmp_type} code {code}"),
        };
        name.to_owned()
    }

    /// Only an error that names a policy accuses anyone of a rule.
    pub(super) fn blame(self) -> Blame {
        match (self.v6, self.icmp_type, self.code) {
            (false, 3, 9 | 10 | 13) | (true, 1, 1 | 5 | 6) => Blame::Policy,
            (false, 3, 3) | (true, 1, 4) => Blame::Port,
            _ => Blame::Routing,
        }
    }

    /// Whether it concerns a network or a host, and so every port of it.
    pub(super) fn concerns_whole_address(self) -> bool {
        matches!((self.v6, self.icmp_type, self.code), (false, 3, 0 | 1 | 6 | 7) | (true, 1, 0 | 3))
    }

    /// Whether a router says that it has no route, rather than that the machine at the end is silent.
    pub(super) fn is_missing_route(self) -> bool {
        matches!((self.v6, self.icmp_type, self.code), (false, 3, 0 | 6) | (true, 1, 0))
    }

    /// Whether the packet exceeded its hop limit.
    pub(super) fn is_time_exceeded(self) -> bool {
        matches!((self.v6, self.icmp_type, self.code), (false, 11, _) | (true, 3, _))
    }

    /// What this machine reports to itself if the next device on the link does not answer ARP or neighbour discovery.
    pub(super) fn is_dead_neighbour(self) -> bool {
        matches!((self.v6, self.icmp_type, self.code), (false, 3, 1) | (true, 1, 3))
    }
}

#[cfg(test)]
mod tests {
    use super::{Blame, IcmpError};

    #[test]
    fn only_words_of_policy_accuse_of_policy() {
        let policies =
            |v6, icmp_type| (0..=255u8).filter(move |&code| IcmpError { icmp_type, code, v6 }.blame() == Blame::Policy);
        assert_eq!(policies(false, 3).collect::<Vec<_>>(), [9, 10, 13]);
        assert_eq!(policies(true, 1).collect::<Vec<_>>(), [1, 5, 6]);
        assert_eq!(policies(false, 11).count() + policies(true, 3).count(), 0);
    }
}
