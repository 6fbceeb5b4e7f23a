//! Where a missing fact changes who is asked first about a cause that is only `possible`.
//!
//! An entry that is no longer needed fails its case.

use hubreach::diagnosis::Code;

/// A cause, why its owner hangs on the missing fact, and the runs that show it.
type Exception = (Code, &'static str, &'static [&'static str]);

const ALL: &[Exception] = &[
    (
        Code::IcmpReject,
        "an errno names no sender, and no other port answers: a route may be missing, which is the network's matter",
        &[
            "icmp-by-the-hub",
            "icmp-host-absent",
            "icmp-on-link",
            "proxy-squid-host-denied-rejecting",
            "proxy-squid-rejecting",
        ],
    ),
    (
        Code::SilentDrop,
        "without a path, the hub at its end and the host of a container at its beginning are not told from a firewall",
        &[
            "container-forwarding-one-port",
            "silent-drop-hub",
            "silent-drop-in-a-pod",
            "silent-drop-on-link",
            "silent-drop-r3",
            "silent-drop-r3-limited",
            "silent-drop-r3-v6",
        ],
    ),
    (
        Code::ProxyUnreachable,
        "the same of the way to the proxy",
        &["proxy-behind-drop", "proxy-behind-drop-next-door", "proxy-behind-reject", "proxy-behind-reject-closed"],
    ),
    (
        Code::SomeAddressesBlocked,
        "without a path, nothing shows that packets to the address end before the hub's edge",
        &["some-addresses-blocked"],
    ),
    (
        Code::DnsTimeout,
        "without its own questions and the servers' addresses, silence looks alike wherever the name server is",
        &["dns-answers-from-elsewhere", "dns-forwarder-silent", "dns-not-served", "dns-rejected-on-the-way"],
    ),
    (
        Code::DnsServerFailure,
        "without the files that name the servers, a forwarder on this machine is not told from a name server",
        &["dns-forwarder-fails"],
    ),
    (
        Code::ClientHelloDropped,
        "an ICMP error that nobody hears, or without its sender, leaves the silence that follows it",
        &["client-hello-dropped-rejects"],
    ),
    (Code::PlainProtocol, "without a path, nothing shows how far away the plain answer is", &["plain-protocol-http"]),
    (
        Code::NoProtocolReply,
        "without the state of the connection, a message that was lost looks like one without a reply",
        &["no-protocol-reply-lost"],
    ),
    (Code::TlsReset, "without distances, nothing shows that the hub itself ends the hello", &["tls-reset"]),
];

/// Whether the case may ask somebody else first about this cause.
pub fn is_listed(name: &str, code: Code) -> bool {
    of(name).any(|listed| listed == code)
}

/// What is listed of a case.
pub fn of(name: &str) -> impl Iterator<Item = Code> {
    ALL.iter().filter(move |(_, _, cases)| cases.contains(&name)).map(|(code, ..)| *code)
}
