//! The one list of experiments.

/// Passes the list to the macro `$each`, which declares what its module needs. First the file of the facts, in
/// `observation/experiment`; then each experiment that records such facts: its name, its facts, its word in JSON, and
/// its file in the probe's `experiment`. The probe makes experiments without such a file unconditionally.
///
/// Plans are considered in this order.
#[doc(hidden)]
#[macro_export]
macro_rules! experiments {
    ($each:ident) => {
        $each! {
            hello {
                /// The same hello with the hub's name, another name and none.
                ServerName(Hellos) = "server-name", made by server_name;
                /// The hello with and without application protocols (ALPN).
                Alpn(Hellos) = "alpn", made by alpn;
                /// The same hello over smaller TCP segments.
                SegmentSize(Hellos) = "segment-size", made by segment_size;
                /// TLS 1.2 and TLS 1.3 separately.
                TlsVersion(Hellos) = "tls-version", made by tls_version;
                /// Hellos that also offer older and rarer suites, versions, groups and signatures.
                WideHello(Hellos) = "wide-hello", made by wide_hello;
                /// The usual hello again, if its answer had the downgrade mark: who signed that.
                Downgrade(Hellos) = "downgrade", made by downgrade;
                /// A hello with another name than the hub's, to see its certificate.
                Issuer(Hellos) = "issuer", made by issuer;
                /// A hello after a header of the PROXY protocol.
                ProxyHeader(Hellos) = "proxy-header", made by proxy_header;
                /// A small hello, and one of the size of post-quantum key exchange.
                HelloSize(Hellos) = "hello-size", made by hello_size;
            }
            hello_distance {
                /// The distance of the device that ends a hello.
                HelloDistance(HelloDistance) = "hello-distance", made by hello_distance;
            }
            in_clear {
                /// What answers in clear if TLS fails.
                InClear(InClear) = "in-clear", made by in_clear;
            }
            repeat {
                /// A repeated attempt.
                Repeat(Repeat) = "repeat", made by repeat;
            }
            alone {
                /// An attempt repeated after all our other connections ended.
                Alone(Alone) = "alone", made by alone;
            }
            tries {
                /// The same check at the same address several times in sequence.
                Tries(Tries) = "tries", made by tries;
            }
            crowd {
                /// Several parallel connections, to see how many are accepted.
                Crowd(Crowd) = "crowd", made by crowd;
            }
            link_rate {
                /// The rate of the link, if it is slow.
                LinkRate(LinkRate) = "link-rate";
            }
            clock {
                /// The peer's time.
                Clock(Clock) = "clock", made by clock;
            }
            portal {
                /// What answers in clear on port 80.
                Portal(Portal) = "portal", made by portal;
            }
            name_sources {
                /// How this machine's own files affect the lookup of the hub's name.
                NameSources(NameSources) = "name-sources", made by name_sources;
            }
            dns {
                /// Queries for the hub's name to each name server separately.
                Dns(Dns) = "dns", made by dns;
                /// Queries for names that do not exist, if a name server's answer is in doubt.
                DnsWildcard(Dns) = "dns-wildcard", made by dns_wildcard;
                /// The hub's name with the domains that the system's resolver appends.
                DnsSearch(Dns) = "dns-search", made by dns_search;
            }
            lookup {
                /// The system's resolver asked again, if it was slow.
                Lookup(Lookup) = "lookup", made by lookup;
            }
            other_address {
                /// A check at an address that a name server knows and the system's resolver did not give.
                OtherAddress(OtherAddress) = "other-address", made by other_address;
            }
            frames {
                /// What passes inside an open WebSocket.
                WebsocketFrames(Frames) = "websocket-frames", made by websocket_frames;
            }
            upstream {
                /// Whether full-size packets from this machine arrive.
                Upstream(Upstream) = "upstream", made by upstream;
            }
            reference_port {
                /// Whether the likeliest port answers, if it is not checked and no checked port does.
                ReferencePort(ReferencePort) = "reference-port", made by reference_port;
            }
            path {
                /// Where on the path SYNs end.
                Path(Path) = "path", made by path;
            }
            address_path {
                /// How far packets of any kind get towards an address that does not answer on any port.
                AddressPath(AddressPath) = "address-path", made by address_path;
            }
            reverse_path {
                /// Whether this machine drops answers that arrive at another interface.
                ReversePath(ReversePath) = "reverse-path", made by reverse_path;
            }
            local_drops {
                /// Whether this machine itself drops what it sends.
                LocalDrops(LocalDrops) = "local-drops", made by local_drops;
            }
            dropped_hello {
                /// Where on the path an unacknowledged hello ends, whatever its name.
                DroppedHello(DroppedHello) = "dropped-hello", made by dropped_hello;
            }
            hello_path {
                /// Where on the path a hello with the hub's name is stopped.
                HelloPath(HelloPath) = "hello-path", made by hello_path;
            }
            proxy_connect {
                /// What the proxy answers to other requests, if it refused one.
                ProxyConnect(ProxyConnect) = "proxy-connect", made by proxy_connect;
            }
            revocation {
                /// Whether the revocation servers that devices ask answer.
                Revocation(Revocation) = "revocation", made by revocation;
            }
        }
    };
}
