//! Causes that keep a TCP connection from being made.

use super::Entry;
use crate::{
    diagnosis::{Code, Owner, Severity},
    observation::Stage,
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: Code::TcpReset,
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::FirewallOwner,
        title: "Outbound TCP {ports} is reset by a device on the path",
        explanation: "A firewall answers in the hub's place that the port is closed.",
        proof: "The reset comes from clearly nearer than the hub. One connection alone cannot show that: this version \
            lists it as an alternative to `port-closed` only.",
        fix: "Allow outbound TCP {ports} to {host} in the firewall.",
    },
    Entry {
        code: Code::PortClosed,
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        title: "TCP {ports} is refused: a reset answers",
        explanation: "The connection is refused at once by a TCP reset. Either nothing listens on that port of the hub, or a \
            firewall on the path answers in its place (`tcp-reset`).",
        proof: "The reset comes from as far away as the hub; on a loopback address there is no path, so the refusal alone \
            proves it. Elsewhere one connection leaves it `possible`.",
        fix: "Compare from another network: refused there too, the hub does not offer TCP {ports}; not refused there, ask \
            this network's firewall owner to allow it to {host}.",
    },
    Entry {
        code: Code::IcmpReject,
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::FirewallOwner,
        title: "Outbound TCP {ports} is rejected by {offender}: {icmp}",
        explanation: "A router answered the connection attempt with an ICMP error. Prohibitions (codes 9, 10, 13) and a \
            router that calls the port unreachable are a firewall's policy; an unreachable network or host is a fault of \
            routing, or a machine that is down.",
        proof: "The ICMP error itself, with its sender, from the socket's error queue.",
        fix: "Ask the owner of {offender} to allow outbound TCP {ports} to {host}.",
    },
    Entry {
        code: Code::SilentDrop,
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::FirewallOwner,
        title: "Outbound TCP {ports}: silently dropped, nothing answers",
        explanation: "The first packets of the connection (SYN) were sent several times, on two connections, and nothing came \
            back. Firewalls do this by default to what their rules do not allow.",
        proof: "Repeated SYNs without an answer, and the place on the path where they vanish, against a port that works. \
            Without that place it is `likely` where another port of the same address answers, else `possible`.",
        fix: "Ask the firewall's owner to allow outbound TCP {ports} to {host} (by name; its address can change).",
    },
    Entry {
        code: Code::LocalBlock,
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::Operator,
        title: "This machine itself stops TCP {ports}: {errno}",
        explanation: "The connection never left this machine: its own firewall, routing policy or sandbox refused it.",
        proof: "The system refuses at once, or rejects it by an ICMP error from this machine's own address.",
        fix: "Allow outbound TCP {ports} on this machine (its firewall, `ip route` prohibitions, container or service sandbox).",
    },
    Entry {
        code: Code::TransparentProxy,
        stage: Stage::Connect,
        severity: Severity::Info,
        owner: Owner::NetworkAdmin,
        title: "A box on the path completes the TCP handshake in the hub's place",
        explanation: "Container gateways, satellite links and clouds do this too: by itself it is a fact, not a fault.",
        proof: "The handshake completes at a distance too short to reach the hub. This version lists it as an alternative only.",
        fix: "Nothing to do while TLS works behind it; otherwise ask the network's administrator to exempt {host}.",
    },
    Entry {
        code: Code::SomeAddressesBlocked,
        stage: Stage::Connect,
        severity: Severity::Warning,
        owner: Owner::FirewallOwner,
        title: "Only some addresses of {host} answer; not {addresses}",
        explanation: "The hub's name stands for several addresses, and not all of them work. Connections succeed or fail by \
            chance. A firewall list of old addresses does this, and so does a fault at the hub.",
        proof: "Each address tried twice, and the path on which the failing ones part from the others; one run leaves it `likely`.",
        fix: "Have the firewall allow {host} by name or service tag, not by address; if it does, tell the hub's owner.",
    },
];
