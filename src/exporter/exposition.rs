//! Metrics as text, in the format that the scraper accepts: OpenMetrics 1.0, or the older text format 0.0.4.

use prometheus_client::{encoding::text, registry::Registry};

/// A format of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exposition {
    OpenMetrics,
    Classic,
}

impl Exposition {
    /// The one that an `Accept` header (RFC 9110, section 12.5.1) asks for: OpenMetrics only where it is named.
    pub(super) fn accepted(accept: &str) -> Self {
        let refused = |parameter: &str| {
            let q = parameter.trim().strip_prefix("q=").map(str::parse::<f32>);
            q.is_some_and(|q| q.is_ok_and(|q| q == 0.0))
        };
        let names_it = accept.split(',').any(|range| {
            let mut parts = range.split(';');
            let media = parts.next().unwrap_or_default().trim();
            media.eq_ignore_ascii_case("application/openmetrics-text") && !parts.any(refused)
        });
        if names_it { Self::OpenMetrics } else { Self::Classic }
    }

    /// The `Content-Type` of what [`Self::encode`] gives.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Classic => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    /// Every metric of `registry`.
    pub(super) fn encode(self, registry: &Registry) -> String {
        let mut open = String::new();
        // A string takes whatever is written to it.
        let _ = text::encode(&mut open, registry);
        match self {
            Self::OpenMetrics => open,
            Self::Classic => classic(&open),
        }
    }
}

/// OpenMetrics as the older format has it: the name of a counter's family ends in `_total` too, and the end is not marked.
fn classic(open: &str) -> String {
    let counters: Vec<&str> =
        open.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" counter")).collect();
    let mut text = String::with_capacity(open.len());
    for line in open.lines().filter(|line| *line != "# EOF" && !line.starts_with("# UNIT ")) {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some(keyword), Some(name), Some(rest)) if counters.contains(&name) => {
                text.push_str(&format!("# {keyword} {name}_total {rest}"));
            }
            _ => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use prometheus_client::metrics::{counter::Counter, gauge::Gauge};

    use super::*;

    #[test]
    fn openmetrics_is_for_those_who_name_it() {
        let prometheus = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                          text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        for (accept, expected) in [
            (prometheus, Exposition::OpenMetrics),
            ("text/plain, Application/OpenMetrics-Text ;q=0.3", Exposition::OpenMetrics),
            ("application/openmetrics-text;q=0, */*", Exposition::Classic),
            ("text/plain;version=0.0.4", Exposition::Classic),
            ("*/*", Exposition::Classic),
            ("", Exposition::Classic),
        ] {
            assert_eq!(Exposition::accepted(accept), expected, "{accept}");
        }
    }

    #[test]
    fn both_formats_say_the_same() {
        let mut registry = Registry::default();
        let counter: Counter = Counter::default();
        counter.inc();
        registry.register("a_requests", "Requests", counter);
        registry.register("a_size_bytes", "Its size", Gauge::<i64>::default());
        let open = "# HELP a_requests Requests.\n# TYPE a_requests counter\na_requests_total 1\n\
                    # HELP a_size_bytes Its size.\n# TYPE a_size_bytes gauge\na_size_bytes 0\n# EOF\n";
        assert_eq!(Exposition::OpenMetrics.encode(&registry), open);
        let classic = "# HELP a_requests_total Requests.\n# TYPE a_requests_total counter\na_requests_total 1\n\
                       # HELP a_size_bytes Its size.\n# TYPE a_size_bytes gauge\na_size_bytes 0\n";
        assert_eq!(Exposition::Classic.encode(&registry), classic);
    }
}
