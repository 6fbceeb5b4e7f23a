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
        proof: "The reset comes from clearly nearer than the hub: packets that may take only a few hops are reset already, \
            while a port that works is reached, over the same routers, several hops later; the TTL with which the reset \
            arrives counts too. Within two hops of the hub it is `possible` only, for the hub's own edge may have sent it, and \
            at the first hop `likely`, for a rule of this machine looks the same. Needs Linux; elsewhere it is an alternative \
            to `port-closed`.",
        fix: "Allow outbound TCP {ports} to {host} (by name; its address can change).",
    },
    Entry {
        code: Code::PortClosed,
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        title: "TCP {ports} is refused",
        explanation: "The connection is refused by a TCP reset. Either nothing listens on that port of the hub, or a \
            firewall on the path answers in its place (`tcp-reset`).",
        proof: "The reset comes from as far away as the answers of a port that works: it takes as many hops there, and \
            arrives with the same TTL. On a loopback address there is no path, so the refusal alone proves it. Without the \
            measurement, as on other systems than Linux, it is `possible`.",
        fix: "Compare from another network: refused there too, the hub does not offer TCP {ports}; not refused there, this \
            network's firewall owner must allow it to {host}.",
    },
    Entry {
        code: Code::IcmpReject,
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::FirewallOwner,
        title: "Outbound TCP {ports} is rejected by {offender}: {icmp}",
        explanation: "A router answered the connection attempt with an ICMP error. Prohibitions (codes 9, 10, 13) and a \
            router that calls the port unreachable are a firewall's policy; an unreachable network or host is a fault of \
            routing, or a machine that is down. Where the sender is this machine, the next device on the link does not answer.",
        proof: "The ICMP error itself, with its sender, from the socket's error queue. The hop is named where the sender also \
            answered as a router. A router that calls the whole host or network unreachable says so of every port, though not \
            to every packet: routers send a few ICMP errors a second.",
        fix: "Allow outbound TCP {ports} to {host} at {offender} (by name; its address can change).",
    },
    Entry {
        code: Code::SilentDrop,
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::FirewallOwner,
        title: "Outbound TCP {ports} is silently dropped",
        explanation: "The first packets of the connection (SYN) were sent several times, on two connections, and nothing came \
            back. Firewalls do this by default to what their rules do not allow.",
        proof: "Repeated SYNs without an answer, and the place on the path where they vanish: packets that may take only a few \
            hops are answered by the routers where these run out, up to one, while those to a port that works are answered by \
            the hops behind it too, before and after. Who drops what it should forward looks like who never lets it in at \
            the next hop: both are named. No place is claimed where several tries disagree (load balancing), where the two ports \
            take different paths, or behind a port that works only because a box answers for it. Silent routers and those that \
            answer so many times a second make the place wider. Without a place it is `likely` where another port of the \
            same address answers, else `possible`. Needs Linux.",
        fix: "Allow outbound TCP {ports} to {host} (by name; its address can change).",
    },
    Entry {
        code: Code::LocalBlock,
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::Operator,
        title: "This machine itself stops TCP {ports}: {errno}",
        explanation: "The connection never left this machine: its own firewall, routing policy or sandbox refused it.",
        proof: "The system refuses at once, or rejects it by an ICMP error from this machine's own address. Of a rule that drops \
            without a word, the Linux kernel's counters tell: all of several SYNs that were to be sent once more failed inside \
            this machine, twice, and no router answered any.",
        fix: "Allow outbound TCP {ports} on this machine (its firewall, `ip route` prohibitions, container or service sandbox).",
    },
    Entry {
        code: Code::TransparentProxy,
        stage: Stage::Connect,
        severity: Severity::Info,
        owner: Owner::NetworkAdmin,
        title: "A box on the path completes the TCP handshake in the hub's place",
        explanation: "Container gateways, satellite links and clouds do this too: by itself it is a fact, not a fault. It is one \
            where the handshake succeeds and nothing comes of it.",
        proof: "SYNs that may take too few hops to reach the hub are answered with a handshake: another port of the same address \
            is two hops further away at least, or the address is on no link of this machine and the first hop answers. Looked \
            for only where something fails. Needs Linux.",
        fix: "Nothing to do while TLS works behind it; otherwise exempt {host} from it.",
    },
    Entry {
        code: Code::SomeAddressesBlocked,
        stage: Stage::Connect,
        severity: Severity::Warning,
        owner: Owner::HubOwner,
        title: "Only some addresses of {host} answer; not {addresses}",
        explanation: "The hub's name stands for several addresses, and not all of them work. Connections succeed or fail by \
            chance. A firewall list of old addresses does this, and so does a fault at the hub.",
        proof: "Each address tried twice; once leaves it `likely`. A firewall is named where packets to the failing address end \
            clearly before the hub's edge, on the path that those to a working one take; else it is for the hub's owner.",
        fix: "Where a firewall here lists the hub's addresses, have it allow {host} by name or service tag instead; otherwise the \
            hub's owner must look at {addresses}.",
    },
];
