//! The one list of causes.

/// Passes the list to the macro `$each`, which generates what must know every cause: the file in `causes`, the type, and
/// the word in JSON and for `explain`.
///
/// The order is the order of evaluation: specific causes before general ones, and causes that explain others after them.
macro_rules! for_each_cause {
    ($each:ident) => {
        $each! {
            // Nothing can leave this machine.
            no_network::NoNetwork = "no-network",
            // There is no address to try, or not from every name server.
            dns_name_not_found::DnsNameNotFound = "dns-name-not-found",
            dns_no_address::DnsNoAddress = "dns-no-address",
            dns_server_failure::DnsServerFailure = "dns-server-failure",
            dns_timeout::DnsTimeout = "dns-timeout",
            dnssec_failure::DnssecFailure = "dnssec-failure",
            dns_truncated::DnsTruncated = "dns-truncated",
            dns_partial::DnsPartial = "dns-partial",
            dns_slow::DnsSlow = "dns-slow",
            // TCP does not connect, because of this machine.
            ports_exhausted::PortsExhausted = "ports-exhausted",
            network_overlap::NetworkOverlap = "network-overlap",
            reverse_path_filter::ReversePathFilter = "reverse-path-filter",
            // Or because of others.
            container_forwarding::ContainerForwarding = "container-forwarding",
            private_address_no_route::PrivateAddressNoRoute = "private-address-no-route",
            address_family_unavailable::AddressFamilyUnavailable = "address-family-unavailable",
            intermittent::Intermittent = "intermittent",
            icmp_reject::IcmpReject = "icmp-reject",
            local_block::LocalBlock = "local-block",
            silent_drop::SilentDrop = "silent-drop",
            tcp_reset::TcpReset = "tcp-reset",
            port_closed::PortClosed = "port-closed",
            some_addresses_blocked::SomeAddressesBlocked = "some-addresses-blocked",
            address_family_broken::AddressFamilyBroken = "address-family-broken",
            // The proxy, on the route that leads through it.
            proxy_unreachable::ProxyUnreachable = "proxy-unreachable",
            proxy_auth_required::ProxyAuthRequired = "proxy-auth-required",
            proxy_port_denied::ProxyPortDenied = "proxy-port-denied",
            proxy_host_denied::ProxyHostDenied = "proxy-host-denied",
            proxy_upstream_failure::ProxyUpstreamFailure = "proxy-upstream-failure",
            proxy_protocol_error::ProxyProtocolError = "proxy-protocol-error",
            // TLS fails, or the peer is not the hub.
            client_certificate_required::ClientCertificateRequired = "client-certificate-required",
            plain_protocol::PlainProtocol = "plain-protocol",
            path_mtu_blackhole::PathMtuBlackhole = "path-mtu-blackhole",
            client_hello_dropped::ClientHelloDropped = "client-hello-dropped",
            tls_silent::TlsSilent = "tls-silent",
            hello_rewritten::HelloRewritten = "hello-rewritten",
            tls_suites_uncommon::TlsSuitesUncommon = "tls-suites-uncommon",
            tls_version_unsupported::TlsVersionUnsupported = "tls-version-unsupported",
            tls_reset::TlsReset = "tls-reset",
            tls_alert::TlsAlert = "tls-alert",
            certificate_name_mismatch::CertificateNameMismatch = "certificate-name-mismatch",
            clock_wrong::ClockWrong = "clock-wrong",
            certificate_expired::CertificateExpired = "certificate-expired",
            certificate_not_yet_valid::CertificateNotYetValid = "certificate-not-yet-valid",
            root_expired::RootExpired = "root-expired",
            certificate_weak::CertificateWeak = "certificate-weak",
            name_constraint_violated::NameConstraintViolated = "name-constraint-violated",
            certificate_form::CertificateForm = "certificate-form",
            chain_incomplete::ChainIncomplete = "chain-incomplete",
            certificate_untrusted::CertificateUntrusted = "certificate-untrusted",
            sni_filter::SniFilter = "sni-filter",
            alpn_filter::AlpnFilter = "alpn-filter",
            missing_root::MissingRoot = "missing-root",
            anchor_not_a_root::AnchorNotARoot = "anchor-not-a-root",
            tls_intercepted::TlsIntercepted = "tls-intercepted",
            large_client_hello_dropped::LargeClientHelloDropped = "large-client-hello-dropped",
            revocation_unreachable::RevocationUnreachable = "revocation-unreachable",
            captive_portal::CaptivePortal = "captive-portal",
            not_tls::NotTls = "not-tls",
            // Inside TLS.
            hub_unavailable::HubUnavailable = "hub-unavailable",
            gateway_without_backend::GatewayWithoutBackend = "gateway-without-backend",
            authentication_refused::AuthenticationRefused = "authentication-refused",
            websocket_stripped::WebsocketStripped = "websocket-stripped",
            gateway_block_page::GatewayBlockPage = "gateway-block-page",
            websocket_rejected_by_hub::WebsocketRejectedByHub = "websocket-rejected-by-hub",
            websocket_bad_accept::WebsocketBadAccept = "websocket-bad-accept",
            websocket_frames_blocked::WebsocketFramesBlocked = "websocket-frames-blocked",
            upstream_mtu::UpstreamMtu = "upstream-mtu",
            no_protocol_reply::NoProtocolReply = "no-protocol-reply",
            protocol_mismatch::ProtocolMismatch = "protocol-mismatch",
            peer_closed::PeerClosed = "peer-closed",
            clock_skew::ClockSkew = "clock-skew",
            certificate_expires_soon::CertificateExpiresSoon = "certificate-expires-soon",
            // The name led elsewhere, which explains all of the above.
            name_overridden::NameOverridden = "name-overridden",
            search_domain::SearchDomain = "search-domain",
            dns_filtered::DnsFiltered = "dns-filtered",
            dns_rewritten::DnsRewritten = "dns-rewritten",
            dns_hijack::DnsHijack = "dns-hijack",
            dns_servers_disagree::DnsServersDisagree = "dns-servers-disagree",
            // It works alone.
            connection_limit::ConnectionLimit = "connection-limit",
            link_too_slow::LinkTooSlow = "link-too-slow",
            transparent_proxy::TransparentProxy = "transparent-proxy",
            // What else to know if the direct route is stopped.
            proxy_required::ProxyRequired = "proxy-required",
            proxy_configured::ProxyConfigured = "proxy-configured",
        }
    };
}

pub(super) use for_each_cause;
