//! What the reader must know to read the answer right.

use super::{layout, words};
use crate::{
    report::Report,
    target::{Depth, Requirement},
};

pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    let all = [interrupted(report), deadline(report), depth(report), left_out(report), requirement(report)];
    for note in all.into_iter().flatten() {
        layout::paragraph(&mut out, "", 0, &note);
    }
    out
}

fn interrupted(report: &Report) -> Option<String> {
    let after = layout::duration(report.duration_ms);
    report.partial.then(|| format!("Partial: interrupted after {after}; what had not ended by then is unknown."))
}

fn deadline(report: &Report) -> Option<String> {
    let after = layout::duration(report.duration_ms);
    report.deadline_reached.then(|| {
        format!("The deadline came first, after {after}; what had not ended by then is unknown (--timeout sets it).")
    })
}

fn depth(report: &Report) -> Option<String> {
    let reached = match report.depth {
        Depth::Exchange => return None,
        Depth::Connect => "a TCP connection was made (--depth connect)",
        Depth::Tls => "the TLS handshake was made (--depth tls)",
    };
    Some(format!("Here \"allowed\" means no more than: {reached}. The protocol itself was not tried."))
}

fn left_out(report: &Report) -> Option<String> {
    let (tried, found) = (words::addresses(report).len(), report.resolution.addresses.len());
    (tried < found).then(|| format!("{tried} of the {found} addresses were tried; --all-addresses tries them all."))
}

/// The default asks for so little that the answer itself says whether it is met.
fn requirement(report: &Report) -> Option<String> {
    let met = if report.requirement.met { "met" } else { "NOT MET" };
    match &report.requirement.spec {
        Requirement::Any => None,
        spec => Some(format!("Required: {spec}: {met}.")),
    }
}
