//! Causes that keep HTTP from becoming WebSocket, or from being the hub's.

use super::Old;
use crate::{
    diagnosis::{Code, Owner, Severity},
    observation::Stage,
};

pub(super) const ENTRIES: &[Old] = &[
    Old {
        code: Code::CaptivePortal,
        stage: Stage::Upgrade,
        severity: Severity::Error,
        owner: Owner::Operator,
        title: "A login page of this network stands in the hub's place",
        explanation: "The network wants somebody to sign in first, as hotels and guest networks do.",
        proof: "Two signs of it: clear HTTP on a TLS port, HTTP status 511, or a redirect to another host where \
            the hub itself is asked for in clear (a redirect of the same host to https is none). One sign is `likely`.",
        fix: "Open a browser in this network and sign in, or use a network without a login page.",
    },
    Old {
        code: Code::GatewayBlockPage,
        stage: Stage::Upgrade,
        severity: Severity::Error,
        owner: Owner::SecurityTeam,
        title: "A gateway answers in the hub's place (HTTP {status})",
        explanation: "The HTTP answer does not look like the hub's: an inspecting gateway shows a page of its own, usually to \
            say that the site is not allowed.",
        proof: "The peer is not proven to be the hub, and the answer is not one that the hub gives.",
        fix: "Allow {host}, and exempt it from TLS inspection.",
    },
    Old {
        code: Code::WebsocketStripped,
        stage: Stage::Upgrade,
        severity: Severity::Error,
        owner: Owner::ProxyAdmin,
        title: "The gateway that inspects TLS does not pass WebSocket on (HTTP {status})",
        explanation: "HTTPS passes the inspecting gateway, but the request to go over to WebSocket does not survive it.",
        proof: "The upgrade is not answered 101 though plain HTTPS reaches the hub, and TLS is intercepted. An answer \
            with the hub's own error code leaves it `possible`: the hub itself may have refused.",
        fix: "Allow WebSocket upgrades to {host}, or exempt it from inspection.",
    },
    Old {
        code: Code::WebsocketRejectedByHub,
        stage: Stage::Upgrade,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        title: "The hub refuses the WebSocket upgrade (HTTP {status})",
        explanation: "The answer comes from the hub itself, inside TLS that proves it: no firewall is at fault. The path may \
            be wrong, or the hub does not offer this protocol.",
        proof: "A 4xx or 5xx answer inside TLS that proves the hub; `likely` where the hub's own roots are not known.",
        fix: "Enable the protocol at the hub; for a broker of another make, try `--ws-path` first.",
    },
    Old {
        code: Code::WebsocketBadAccept,
        stage: Stage::Upgrade,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        title: "The WebSocket upgrade is answered wrongly",
        explanation: "The answer is 101, but its key or its subprotocol does not answer the request: something that does not \
            understand WebSocket, or a cache, repeated an old answer.",
        proof: "A fresh key is answered wrongly twice: the upgrade is made again.",
        fix: "Mend the WebSocket support of what answers; the evidence shows what came.",
    },
    Old {
        code: Code::WebsocketFramesBlocked,
        stage: Stage::Exchange,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        title: "WebSocket opens on TCP {ports}, but nothing answers inside",
        explanation: "The upgrade succeeded, and what is sent inside the WebSocket is never answered.",
        proof: "In fresh WebSockets neither a ping nor a small or a large frame is answered, while the same bytes are \
            answered without WebSocket. With less it is `likely` or `possible`; where a frame is answered, the service \
            behind is mute instead (`no-protocol-reply`).",
        fix: "If TLS is inspected on the way, ask that gateway's administrator; otherwise show the evidence to the hub's owner.",
    },
];
