//! What the container runs: process 1, where that is this program and serves.

use std::path::Path;

/// Commands that run until they are stopped.
const SERVICES: [&str; 2] = ["serve", "exporter"];

/// The command of process 1, if that is `hubreach serve` or `hubreach exporter`; elsewhere than in a container it is the system's own.
pub fn of_container() -> Option<&'static str> {
    // There is none on other systems than Linux.
    std::fs::read("/proc/1/cmdline").ok().and_then(|line| service(&line))
}

/// The service in a command line as the kernel shows it: words that each end with a zero byte.
fn service(line: &[u8]) -> Option<&'static str> {
    let words = line.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    // An engine's own init may stand before it: `docker-init -- /hubreach exporter`.
    let is_program = |word: &str| Path::new(word).file_stem().is_some_and(|name| name == env!("CARGO_PKG_NAME"));
    let mut rest = words.take(4).skip_while(|word| !is_program(word)).skip(1);
    let command = rest.find(|word| !word.starts_with('-'))?;
    SERVICES.into_iter().find(|service| *service == command)
}

#[cfg(test)]
mod tests {
    use super::service;

    #[test]
    fn only_our_own_services_count() {
        for (line, expected) in [
            (&b"/hubreach\0exporter\0--listen\0"[..], Some("exporter")),
            (b"/hubreach\0-q\0serve\0", Some("serve")),
            (b"/sbin/docker-init\0--\0/hubreach\0exporter\0", Some("exporter")),
            (b"/hubreach\0hub.example\0", None),
            (b"/hubreach\0check\0exporter\0", None),
            (b"/sbin/init\0splash\0", None),
            (b"sh\0-c\0hubreach exporter\0", None),
            (b"\xff\0\0", None),
            (b"", None),
        ] {
            assert_eq!(service(line), expected, "{}", String::from_utf8_lossy(line));
        }
    }
}
