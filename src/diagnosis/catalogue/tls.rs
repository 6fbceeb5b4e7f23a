//! Causes that keep TLS from proving the hub.

use super::Old;
use crate::{
    diagnosis::{Code, Owner, Severity},
    observation::Stage,
};

pub(super) const ENTRIES: &[Old] = &[
    Old {
        code: Code::SniFilter,
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::FirewallOwner,
        title: "A firewall stops TLS to {host} by its name",
        explanation: "The connection is made, but a firewall reads the hub's name in the first TLS message and stops it.",
        proof: "The same address and port answers a hello with another name at the same moment and never the one with the \
            hub's, twice each, and smaller segments do not mend it. Nothing is sent after those hellos. The place, where it is known: hellos that may take only \
            a few hops, with both names (needs Linux).",
        fix: "Allow TLS to {host} on TCP {ports}.",
    },
    Old {
        code: Code::ClientHelloDropped,
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::NetworkAdmin,
        title: "The first TLS message to TCP {ports} is never acknowledged",
        explanation: "The TCP connection was made, but the ClientHello that follows never arrives: something on the path lets \
            empty packets through and stops those with content.",
        proof: "The hello is retransmitted without being acknowledged, whatever the name in it and the segment size; with \
            less it is `possible`.",
        fix: "Find what drops data on TCP {ports} to {host}: the connection opens, and packets with content are lost.",
    },
    Old {
        code: Code::LargeClientHelloDropped,
        stage: Stage::Tls,
        severity: Severity::Warning,
        owner: Owner::NetworkAdmin,
        title: "A large TLS hello is dropped on TCP {ports}; small ones pass",
        explanation: "With post-quantum key exchange, which newer TLS libraries use by default, the first message no longer \
            fits into one segment. Some firewalls look only at the first and drop the rest. Devices of today may work, and \
            fail after an update.",
        proof: "A small hello is answered and one of post-quantum size is not, in turn, twice each. Tried with `-v` alone.",
        fix: "Have the firewall take a ClientHello of several segments, by an update or by exempting {host} from inspection; until \
            then keep post-quantum key exchange off in the device's TLS library.",
    },
    Old {
        code: Code::PathMtuBlackhole,
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::NetworkAdmin,
        title: "Large packets from {host} are lost on the way",
        explanation: "A link on the path carries only small packets, and the messages that would say so are filtered; tunnels \
            and mobile networks are prone to it.",
        proof: "The same hello brings the whole answer with a smaller segment size (MSS 1300, 1200 or 536 bytes) and with \
            every size below that, and none with larger ones or without, at the same moment, twice each at least.",
        fix: "Let ICMP type 3 code 4 (ICMPv6 type 2) pass, or clamp the TCP segment size (MSS) on the tunnel: {mss} bytes \
            work.",
    },
    Old {
        code: Code::TlsSilent,
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        title: "TLS on TCP {ports} stalls: our first message gets no answer",
        explanation: "The TCP connection was made and our first TLS message sent, but the handshake never completes. A \
            filter, a link that loses large packets, or a hung server look alike from here.",
        proof: "Always `possible`: what was ruled out by another name or a smaller segment size is no longer among the \
            alternatives.",
        fix: "Compare from another network: if it works there, show this evidence to this network's administrator; if not, to \
            the hub's owner.",
    },
    Old {
        code: Code::TlsReset,
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::FirewallOwner,
        title: "TLS on TCP {ports} is cut off after our first message",
        explanation: "The TCP connection was made, then closed or reset as soon as TLS began. Firewalls that recognise TLS or \
            the hub's name do this; so does a server that is not set up for it.",
        proof: "A reset proves nothing about who sent it: always `possible`. Where another name is answered instead, it is an \
            `sni-filter`.",
        fix: "Compare from another network: if it works there, ask this network's firewall owner to allow TLS to {host} on TCP \
            {ports}; if not, the hub's owner must look.",
    },
    Old {
        code: Code::AlpnFilter,
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::FirewallOwner,
        title: "A firewall stops TLS that names the application protocol {alpn}",
        explanation: "Some hubs tell MQTT from web traffic on port 443 by a name in the first TLS message (ALPN). A firewall \
            reads it and lets out only the names that it knows.",
        proof: "The same address and port answers the same hello with `http/1.1`, or without any, at the same moment and never \
            with this one, twice each. A server that refuses it by an alert of its own is none.",
        fix: "Allow TLS with the application protocol {alpn} to {host} on TCP {ports}, or use a protocol without it.",
    },
    Old {
        code: Code::NotTls,
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::NetworkAdmin,
        title: "Something that does not speak TLS answers on TCP {ports}",
        explanation: "The bytes that came back are not TLS. A portal, a proxy or another service answers in the hub's place, or \
            the port belongs to a service without TLS.",
        proof: "The same kind of answer twice.",
        fix: "Check host and port; if they are right, find what answers in the hub's place: the first bytes in the evidence \
            usually name it.",
    },
    Old {
        code: Code::TlsIntercepted,
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::SecurityTeam,
        title: "TLS is intercepted: the certificate is signed by {issuer}",
        explanation: "A box on the path opens the TLS connection and shows a certificate of its own. Where the device trusts \
            it, traffic passes but can be read and changed there; where it does not, the connection fails, as it should.",
        proof: "The chain does not lead to the roots that are known to sign this hub's certificates; or, where those are not \
            known, the same authority signs another name on the spot. Where the chain is at fault in another way, it is \
            `likely` or `possible` only.",
        fix: "Exempt {host} from TLS inspection on TCP {ports}.",
    },
    Old {
        code: Code::CertificateUntrusted,
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::Operator,
        title: "The certificate is not trusted by this device: it is signed by {issuer}",
        explanation: "The chain leads to no root of this device's trust store, and it is not known which roots sign this hub. \
            Either the hub has a private authority, or TLS is intercepted.",
        proof: "Cannot be told from interception without the hub's own roots (`--hub-ca`), unless the same authority signs \
            another name on the spot: always `possible`.",
        fix: "If {host} uses a private authority, give its root with `--ca FILE` and install it on the device; if not, treat it as \
            interception and ask the security team.",
    },
    Old {
        code: Code::MissingRoot,
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::Operator,
        title: "This device lacks the root of the hub's genuine certificate",
        explanation: "It is the hub, but this device's trust store is too old or too small to know its root authority. The \
            network is fine.",
        proof: "The chain leads to the roots that are known to sign this hub, and to none of the device's own.",
        fix: "Update the CA bundle of this device; it needs the root that signed {issuer}.",
    },
    Old {
        code: Code::ClockWrong,
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::Operator,
        title: "This device's clock is wrong",
        explanation: "Certificates are valid for a time. With a wrong clock a good certificate looks expired or not valid yet. \
            Devices without a battery-backed clock start in the past when they cannot reach a time server (UDP port 123).",
        proof: "The clock is before this program's release, or the chain is valid at the time in the `Date` of whatever \
            answers HTTP at the hub's address. No credentials are sent to learn it.",
        fix: "Set this device's clock, and give it a time server that it can reach.",
    },
    Old {
        code: Code::CertificateExpired,
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        title: "The certificate of {host} has expired",
        explanation: "All about the certificate is right but its end date. If this device's clock were ahead, it would look \
            the same.",
        proof: "Only the validity period fails, at the time in the `Date` of whatever answers HTTP at the hub's address too, \
            or by a clock that is known to be behind; without that it is `likely`.",
        fix: "Check this device's clock first; if it is right, the hub's owner must renew the certificate.",
    },
    Old {
        code: Code::CertificateNotYetValid,
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        title: "The certificate of {host} is not valid yet",
        explanation: "All about the certificate is right but its start date. If this device's clock were behind, it would \
            look the same, and that is the more common case.",
        proof: "Only the validity period fails, at the time in the `Date` of whatever answers HTTP at the hub's address too; \
            without that it is `likely`.",
        fix: "Check this device's clock first; if it is right, the hub's owner must look at the certificate.",
    },
    Old {
        code: Code::CertificateNameMismatch,
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::Operator,
        title: "The certificate is not for {host}, but for {names}",
        explanation: "A genuine certificate, but of another name: the hostname is wrong, or the address belongs to another \
            machine.",
        proof: "The chain leads to a trusted root, and the name is not among its own. That the name server sent us to \
            another machine (`dns-hijack`) is not ruled out in this version, which leaves it `possible`.",
        fix: "Check the hostname, and that its address is the hub's: what other name servers and `--address` say.",
    },
    Old {
        code: Code::TlsVersionUnsupported,
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        title: "No TLS version or cipher suite in common on TCP {ports}",
        explanation: "The peer offers nothing that this program can accept: TLS 1.2 or 1.3 with AES-GCM or ChaCha20 suites. \
            A very old server, or an old inspecting firewall, does this.",
        proof: "The peer refuses TLS 1.2 and TLS 1.3 each alone, by an alert or an older version, whatever the name; with less it \
            is `likely`.",
        fix: "The hub's owner must enable TLS 1.2 or 1.3; if TLS is inspected on the way, the security team must.",
    },
    Old {
        code: Code::TlsAlert,
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        title: "TLS on TCP {ports} is refused with the alert {alert}",
        explanation: "The other end refused the handshake. An alert that comes before the hub's certificate proves nothing \
            about who sent it: a firewall can forge it.",
        proof: "Always `possible`. Where another name is answered instead, it is an `sni-filter`, unless the alert is \
            `unrecognized_name`, a server's own word for it.",
        fix: "Compare from another network: if it works there, ask this network's firewall owner; if not, the hub's owner.",
    },
    Old {
        code: Code::ClientCertificateRequired,
        stage: Stage::Tls,
        severity: Severity::Info,
        owner: Owner::Nobody,
        title: "The hub wants a client certificate",
        explanation: "The hub answered, and insists on a certificate that proves the device. This program has none: the \
            network works.",
        proof: "The verified peer asked for a certificate and refused to go on without. Of AWS IoT Core, which may cut \
            the connection without a word, a bare end of it is `likely` that.",
        fix: "Nothing to do in the network; the device needs its own certificate.",
    },
];
