//! Causes that keep HTTP from becoming WebSocket, or from being the hub's.

use super::Entry;
use crate::{
    diagnosis::{Code, Owner, Severity},
    observation::Stage,
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: Code::CaptivePortal,
        stage: Stage::Upgrade,
        severity: Severity::Error,
        owner: Owner::Operator,
        title: "A login page of this network stands in the hub's place",
        explanation: "The network wants somebody to sign in first, as hotels and guest networks do.",
        proof: "Two signs of it: clear HTTP on a TLS port, and HTTP status 511 or a foreign answer. One sign is `likely`.",
        fix: "Open a browser in this network and sign in, or use a network without a login page.",
    },
    Entry {
        code: Code::GatewayBlockPage,
        stage: Stage::Upgrade,
        severity: Severity::Error,
        owner: Owner::SecurityTeam,
        title: "A gateway answers in the hub's place (HTTP {status})",
        explanation: "The HTTP answer does not look like the hub's: an inspecting gateway shows a page of its own, usually to \
            say that the site is not allowed.",
        proof: "The peer is not proven to be the hub, and the answer is not one that the hub gives.",
        fix: "Ask the security team to allow {host}, and to exempt it from TLS inspection.",
    },
    Entry {
        code: Code::WebsocketStripped,
        stage: Stage::Upgrade,
        severity: Severity::Error,
        owner: Owner::ProxyAdmin,
        title: "The gateway that inspects TLS does not pass WebSocket on (HTTP {status})",
        explanation: "HTTPS passes the inspecting gateway, but the request to go over to WebSocket does not survive it.",
        proof: "The upgrade is not answered 101 though HTTPS works, and TLS is intercepted.",
        fix: "Ask the gateway's administrator to allow WebSocket upgrades to {host}, or to exempt it from inspection.",
    },
    Entry {
        code: Code::WebsocketRejectedByHub,
        stage: Stage::Upgrade,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        title: "The hub refuses the WebSocket upgrade (HTTP {status})",
        explanation: "The answer comes from the hub itself, inside TLS that proves it: no firewall is at fault. The path may \
            be wrong, or the hub does not offer this protocol.",
        proof: "A 4xx or 5xx answer inside TLS that proves the hub; `likely` where the hub's own roots are not known.",
        fix: "The hub's owner must enable the protocol; for another broker, try `--ws-path`.",
    },
    Entry {
        code: Code::WebsocketBadAccept,
        stage: Stage::Upgrade,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        title: "The WebSocket upgrade is answered wrongly",
        explanation: "The answer is 101, but its key or its subprotocol does not answer the request: something that does not \
            understand WebSocket, or a cache, repeated an old answer.",
        proof: "A fresh key is answered wrongly twice.",
        fix: "The owner of what answers must mend its WebSocket support; the evidence shows what came.",
    },
    Entry {
        code: Code::WebsocketFramesBlocked,
        stage: Stage::Exchange,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        title: "WebSocket opens on TCP {ports}, but nothing answers inside",
        explanation: "The upgrade succeeded, and what is sent inside the WebSocket is never answered.",
        proof: "Ping and frames of several sizes go unanswered while the same bytes are answered natively; one run leaves it \
            `likely` at best.",
        fix: "If TLS is inspected on the way, ask that gateway's administrator; otherwise show the evidence to the hub's owner.",
    },
];
