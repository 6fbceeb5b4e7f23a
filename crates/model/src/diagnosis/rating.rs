//! How a finding is rated: how much it hurts, how sure it is, and who can mend it.

use crate::enum_words;

enum_words! {
    /// How much a finding hurts.
    #[derive(PartialOrd, Ord)]
    pub enum Severity {
        /// It stops something.
        Error = "error",
        /// It works, but.
        Warning = "warning",
        /// Good to know.
        Info = "info",
    }
}

enum_words! {
    /// How sure the evidence makes a finding.
    pub enum Confidence {
        /// The proof that the taxonomy asks for is complete.
        Confirmed = "confirmed",
        /// It fits best, but the proof is not complete.
        Likely = "likely",
        /// Other causes, listed with it, fit as well.
        Possible = "possible",
    }
}

enum_words! {
    /// Who can mend a cause.
    pub enum Owner {
        /// Whoever runs this device.
        Operator = "operator",
        /// Whoever runs the network.
        NetworkAdmin = "network-admin",
        /// Whoever runs the firewall in question.
        FirewallOwner = "firewall-owner",
        /// Whoever runs the proxy.
        ProxyAdmin = "proxy-admin",
        /// Whoever decides on TLS inspection.
        SecurityTeam = "security-team",
        /// Whoever runs the name servers.
        DnsAdmin = "dns-admin",
        /// Whoever runs the hub.
        HubOwner = "hub-owner",
        /// There is nothing to mend.
        Nobody = "nobody",
    }
}
