//! Causes that show in the first exchange of the protocol itself.

use super::Old;
use crate::{
    diagnosis::{Code, Owner, Severity},
    observation::Stage,
};

pub(super) const ENTRIES: &[Old] = &[
    Old {
        code: Code::NoProtocolReply,
        stage: Stage::Exchange,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        title: "TLS works on TCP {ports}, but the protocol's first answer never comes",
        explanation: "The secure connection stands, our first message was sent, and nothing usable came back in time. The hub \
            may be overloaded, or a box on the path holds the data back.",
        proof: "Whether our bytes were acknowledged, and the same packet over another transport; one run leaves it `possible`.",
        fix: "Try again later and from another network; if it fails here alone, show the evidence to this network's \
            administrator, otherwise to the hub's owner.",
    },
    Old {
        code: Code::ProtocolMismatch,
        stage: Stage::Exchange,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        title: "What answers on TCP {ports} does not speak this protocol",
        explanation: "The secure connection stands, but the answer inside it is something else: the port belongs to another \
            service, or, where TLS is inspected, to the gateway.",
        proof: "The same kind of answer twice.",
        fix: "Check host, port and `--kind`; the first bytes of the answer usually name what speaks there.",
    },
    Old {
        code: Code::PeerClosed,
        stage: Stage::Exchange,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        title: "The connection on TCP {ports} is closed before the hub answers",
        explanation: "The secure connection stood and was ended before an answer. A farewell inside TLS comes from the hub \
            itself: an IP filter, disabled public access or a quota. A bare TCP end proves nothing about who cut it.",
        proof: "A close or an alert inside TLS that proves the hub; otherwise, or where the hub had asked for a client \
            certificate, `possible`.",
        fix: "Look at the hub's IP filter, public network access and quota; if those are fine, compare from another network.",
    },
    Old {
        code: Code::AuthenticationRefused,
        stage: Stage::Exchange,
        severity: Severity::Info,
        owner: Owner::Nobody,
        title: "The hub refused the login, as expected without credentials",
        explanation: "This program has no credentials, so the refusal is the proof that the network works. A hub with an IP \
            filter or with public access disabled answers the same: if a device with the right credentials is refused too, \
            look there.",
        proof: "None is needed.",
        fix: "Nothing to do in the network.",
    },
];
