//! How a finding is rated: how much it hurts, how sure it is, and who can fix it.

use crate::enum_words;

enum_words! {
    /// How much a finding hurts.
    #[derive(PartialOrd, Ord)]
    pub enum Severity {
        /// It stops something.
        Error = "error",
        /// It works, with a drawback.
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
    /// Who can fix a cause.
    pub enum Owner {
        /// The operator of this device.
        Operator = "operator",
        /// The administrator of the network.
        NetworkAdmin = "network-admin",
        /// The owner of the firewall concerned.
        FirewallOwner = "firewall-owner",
        /// The administrator of the proxy.
        ProxyAdmin = "proxy-admin",
        /// The team that decides on TLS inspection.
        SecurityTeam = "security-team",
        /// The administrator of the name servers.
        DnsAdmin = "dns-admin",
        /// The owner of the hub.
        HubOwner = "hub-owner",
        /// There is nothing to fix.
        Nobody = "nobody",
    }
}
