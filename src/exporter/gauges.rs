//! A family of gauges whose samples keep their order, so that two answers can be compared by eye.

use std::fmt;

use prometheus_client::{
    encoding::{EncodeMetric, MetricEncoder},
    metrics::MetricType,
};

/// The labels of one sample.
pub(super) type Labels = Vec<(&'static str, String)>;

/// Samples of one name, each with labels of its own.
#[derive(Debug, Default)]
pub(super) struct Gauges(Vec<(Labels, f64)>);

impl Gauges {
    /// One sample without labels.
    pub(super) fn one(value: f64) -> Self {
        Self(vec![(Labels::new(), value)])
    }
}

/// Of several samples with the same labels the first counts: a scraper refuses a second.
impl FromIterator<(Labels, f64)> for Gauges {
    fn from_iter<I: IntoIterator<Item = (Labels, f64)>>(samples: I) -> Self {
        let mut distinct: Vec<(Labels, f64)> = Vec::new();
        for (labels, value) in samples {
            if !distinct.iter().any(|(other, _)| *other == labels) {
                distinct.push((labels, value));
            }
        }
        Self(distinct)
    }
}

impl EncodeMetric for Gauges {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        for (labels, value) in &self.0 {
            match labels.as_slice() {
                [] => encoder.encode_gauge(value)?,
                _ => encoder.encode_family(labels)?.encode_gauge(value)?,
            }
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Gauge
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::{encoding::text, registry::Registry};

    use super::*;

    #[test]
    fn no_label_can_break_out_of_its_quotes() {
        let sample = |value: &str, number| (vec![("issuer", value.to_owned())], number);
        let evil = "CN=\"} 1\nevil_metric{a=\"\\";
        let mut registry = Registry::default();
        registry.register("a_name", "Help", Gauges::from_iter([sample(evil, 1.0), sample("b", 2.0), sample("b", 3.0)]));
        registry.register("another", "Help", Gauges::default());
        registry.register("one", "Help", Gauges::one(0.5));
        let mut text = String::new();
        text::encode(&mut text, &registry).expect("a string takes it");
        let expected = "# HELP a_name Help.\n# TYPE a_name gauge\n\
                        a_name{issuer=\"CN=\\\"} 1\\nevil_metric{a=\\\"\\\\\"} 1.0\na_name{issuer=\"b\"} 2.0\n\
                        # HELP one Help.\n# TYPE one gauge\none 0.5\n# EOF\n";
        assert_eq!(text, expected);
    }
}
