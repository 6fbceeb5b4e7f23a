//! Causes that keep the name from becoming an address.

use super::Old;
use crate::{
    diagnosis::{Code, Owner, Severity},
    observation::Stage,
};

pub(super) const ENTRIES: &[Old] = &[
    Old {
        code: Code::DnsNameNotFound,
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::Operator,
        title: "The name {host} does not exist in this network's DNS",
        explanation: "The name server says that there is no such name. Either it is mistyped, or the hub was deleted, or the \
            name exists only inside another network (split DNS, private endpoints). No protocol could be tested.",
        proof: "The name servers' own answer (NXDOMAIN) to questions of our own. Through the system's resolver alone, which on \
            some systems says the same of a name without addresses, it is `likely`.",
        fix: "Check the spelling of {host} in the hub's overview page; if it is right, ask whoever runs this network's DNS \
            whether the name is served here.",
    },
    Old {
        code: Code::DnsNoAddress,
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::DnsAdmin,
        title: "The name {host} exists but has no address that can be used",
        explanation: "The name is known, but the answer holds no address of a family that was asked for. A chain of aliases \
            may end nowhere, as when a private endpoint's zone is linked but empty.",
        proof: "Questions of our own for A and AAAA are answered without an address, or all addresses are of the family that \
            was ruled out.",
        fix: "Look up {host} and follow its aliases: they must end at an A or AAAA record.",
    },
    Old {
        code: Code::DnsServerFailure,
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::DnsAdmin,
        title: "The name servers fail to look up {host}",
        explanation: "A name server answered that it cannot or will not look the name up. The hub itself may be fine: no \
            protocol could be tested.",
        proof: "The response code (SERVFAIL, REFUSED) of every name server that answers questions of our own. The system's \
            resolver alone reports it like a time-out, which leaves it `possible`.",
        fix: "Find out why the configured name servers do not resolve {host}; their logs say it.",
    },
    Old {
        code: Code::DnsTimeout,
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::NetworkAdmin,
        title: "No name server answers",
        explanation: "The configured name servers cannot be reached, or are too slow. Without a name server no hub is found, \
            whatever its ports.",
        proof: "UDP and TCP port 53 of every configured name server are silent, or refuse. The system's resolver alone \
            reports a failure the same way, which leaves it `possible`.",
        fix: "Check that this device has the right name servers (DHCP, resolv.conf) and that UDP and TCP port 53 to them are \
            open. With a known address, `--address` tests the hub without DNS.",
    },
    Old {
        code: Code::DnsPartial,
        stage: Stage::Resolve,
        severity: Severity::Warning,
        owner: Owner::DnsAdmin,
        title: "Some of the name servers do not answer for {host} as they should",
        explanation: "Addresses were found, but one name server, or the lookup of one record type, fails or stays silent. \
            Programs wait for it, often many seconds, before they go on; some give up.",
        proof: "Questions of our own to each name server apart, for A and AAAA, over UDP and TCP: some bring addresses, \
            others fail.",
        fix: "Mend or remove the name server that fails. One that is silent for AAAA alone must answer that there is none.",
    },
    Old {
        code: Code::DnsHijack,
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::NetworkAdmin,
        title: "The name server gives an address for {host} that is not the hub's",
        explanation: "The network's name server answers with the address of some other machine, as captive portals and \
            filters do.",
        proof: "The name server has an address for a random name below `.invalid`, or another than 192.0.0.170 and .171 for \
            `ipv4only.arpa`, and the certificate at the address is not the hub's. An address for a random name under the \
            hub's own domain alone may be honest: it makes this an alternative.",
        fix: "Resolve {host} truthfully, or let this device use another name server.",
    },
];
