//! What each experiment finds out, for the progress lines.

/// What an experiment of this kind finds out, and how long it takes at most.
pub fn experiment_text(kind: &str) -> &'static str {
    match kind {
        "path" | "address-path" | "hello-path" | "hello-distance" => "where on the path it ends (some 4 s)",
        "alone" | "repeat" | "tries" | "crowd" => "whether it fails alone, and again (up to 10 s)",
        "dns" | "dns-search" | "dns-wildcard" | "lookup" | "name-sources" => "what each name server says (some 3 s)",
        "in-clear" | "issuer" | "portal" | "proxy-header" => "who answers there (some 3 s)",
        "local-drops" | "reverse-path" => "whether this machine lets it through (some 2 s)",
        "hello-size" | "link-rate" | "segment-size" | "upstream" | "websocket-frames" => {
            "what sizes get through (some 5 s)"
        }
        "clock" => "what time it is at the other end (some 3 s)",
        "other-address" => "whether another address works (some 5 s)",
        "proxy-connect" => "what the proxy lets through (some 5 s)",
        "revocation" => "whether the hosts for revocation answer (some 3 s)",
        _ => "what of the TLS hello is stopped (some 5 s)",
    }
}
