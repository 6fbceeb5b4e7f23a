//! The one list of experiments.

/// Hands the list to the macro `$each`, which declares from it what its room needs. First the file of the facts, in
/// `observation/experiment`; then each experiment that records such facts: its name, its facts, its word in JSON, and
/// the file that makes it, in the probe's `experiment`. What has no such file, the probe makes of its own accord.
///
/// The order is that in which plans are looked for.
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
                /// TLS 1.2 and TLS 1.3 apart.
                TlsVersion(Hellos) = "tls-version", made by tls_version;
                /// Hellos that offer older and rarer suites, versions, groups and signatures beside the usual ones.
                WideHello(Hellos) = "wide-hello", made by wide_hello;
                /// The usual hello once more, where its answer bore the mark of a downgrade; who signed that.
                Downgrade(Hellos) = "downgrade", made by downgrade;
                /// A hello with another name than the hub's, for the certificate that it gets.
                Issuer(Hellos) = "issuer", made by issuer;
                /// A hello behind a header of the PROXY protocol.
                ProxyHeader(Hellos) = "proxy-header", made by proxy_header;
                /// A small hello, and one as large as post-quantum key exchange makes it.
                HelloSize(Hellos) = "hello-size", made by hello_size;
            }
            hello_distance {
                /// From how far away comes what ends a hello.
                HelloDistance(HelloDistance) = "hello-distance", made by hello_distance;
            }
            in_clear {
                /// What answers in clear where TLS comes to nothing.
                InClear(InClear) = "in-clear", made by in_clear;
            }
            repeat {
                /// An attempt made again.
                Repeat(Repeat) = "repeat", made by repeat;
            }
            alone {
                /// An attempt made again when all other connections of ours had ended.
                Alone(Alone) = "alone", made by alone;
            }
            tries {
                /// The same check at the same address several times, one after another.
                Tries(Tries) = "tries", made by tries;
            }
            crowd {
                /// Several connections at once, to see how many are let in.
                Crowd(Crowd) = "crowd", made by crowd;
            }
            link_rate {
                /// How much the link carried, where it took its time.
                LinkRate(LinkRate) = "link-rate";
            }
            clock {
                /// What time it is at the other end.
                Clock(Clock) = "clock", made by clock;
            }
            portal {
                /// What answers in clear on port 80.
                Portal(Portal) = "portal", made by portal;
            }
            name_sources {
                /// What this machine's own files have to do with the lookup of the hub's name.
                NameSources(NameSources) = "name-sources", made by name_sources;
            }
            dns {
                /// The hub's name, asked for at each name server apart.
                Dns(Dns) = "dns", made by dns;
                /// Names that nobody has, asked for where a name server's word is doubted.
                DnsWildcard(Dns) = "dns-wildcard", made by dns_wildcard;
                /// The hub's name with the domains that the system's resolver appends.
                DnsSearch(Dns) = "dns-search", made by dns_search;
            }
            lookup {
                /// The system's resolver asked again, where it took long.
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
                /// Whether what this machine sends in full packets arrives.
                Upstream(Upstream) = "upstream", made by upstream;
            }
            reference_port {
                /// Whether the likeliest port answers, where it is not checked and none that is does.
                ReferencePort(ReferencePort) = "reference-port", made by reference_port;
            }
            path {
                /// Where on the path SYNs end.
                Path(Path) = "path", made by path;
            }
            address_path {
                /// How far packets of any kind get towards an address of which no port answers.
                AddressPath(AddressPath) = "address-path", made by address_path;
            }
            reverse_path {
                /// Whether this machine drops answers that come in by another interface.
                ReversePath(ReversePath) = "reverse-path", made by reverse_path;
            }
            local_drops {
                /// Whether this machine itself drops what it sends.
                LocalDrops(LocalDrops) = "local-drops", made by local_drops;
            }
            dropped_hello {
                /// Where on the path a hello ends that is never acknowledged, whatever the name in it.
                DroppedHello(DroppedHello) = "dropped-hello", made by dropped_hello;
            }
            hello_path {
                /// Where on the path a hello with the hub's name is stopped.
                HelloPath(HelloPath) = "hello-path", made by hello_path;
            }
            revocation {
                /// Whether those answer whom devices ask for revocation.
                Revocation(Revocation) = "revocation", made by revocation;
            }
        }
    };
}
