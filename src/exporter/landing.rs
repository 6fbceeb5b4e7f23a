//! The page for people.

use std::fmt::Write;

use super::{Allowed, Module};

/// More hubs are not listed.
const MAX_LISTED: usize = 100;

/// What there is to ask for. All that stands in it is fixed, or a hostname or address, which holds nothing of HTML.
pub(super) fn page(allowed: &Allowed) -> String {
    let mut page = String::from(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>hubreach exporter</title></head><body>\n\
         <h1>hubreach exporter</h1>\n<p><a href=\"/metrics\">Metrics of the exporter itself</a></p>\n\
         <p>Probes, each a check of the hub:</p>\n<ul>\n",
    );
    for hub in allowed.named().iter().take(MAX_LISTED) {
        let _ = write!(page, "<li>{hub}:");
        for module in Module::ALL {
            let _ = write!(page, " <a href=\"/probe?hub={hub}&amp;module={module}\">{module}</a>");
        }
        page.push_str("</li>\n");
    }
    page.push_str("</ul>\n");
    let more = allowed.named().len().saturating_sub(MAX_LISTED);
    if more > 0 {
        let _ = writeln!(page, "<p>And {more} more.</p>");
    }
    if !allowed.patterns().is_empty() {
        page.push_str("<p>And hubs that fit a pattern: /probe?hub=...</p>\n");
    }
    page.push_str("</body></html>\n");
    page
}
