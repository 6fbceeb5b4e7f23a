//! The report for a person on site: the answer first, then why, then what to do.

mod advice;
mod findings;
mod layout;
mod notes;
mod style;
mod table;
mod words;

use self::{
    layout::{WIDTH, and, shown},
    style::styled,
};
use crate::report::Report;

/// The whole screen, styled, its lines no wider than 80 columns.
pub(super) fn render(report: &Report) -> String {
    let mut out = header(report);
    for part in [
        table::render(report),
        notes::render(report),
        findings::render(report),
        advice::render(report),
        findings::more(report),
    ] {
        if !part.is_empty() {
            out.push('\n');
            out.push_str(&part);
        }
    }
    out
}

/// How many addresses are worth a place in the first line.
const ADDRESSES_SHOWN: usize = 4;

/// `contoso.azure-devices.net (40.83.12.4)  from field-07`
fn header(report: &Report) -> String {
    let host = shown(&report.hub.host);
    let mut line = host.clone();
    let mut addresses: Vec<String> = words::addresses(report).iter().map(ToString::to_string).collect();
    if addresses.len() > ADDRESSES_SHOWN {
        let more = addresses.len() - ADDRESSES_SHOWN;
        addresses.truncate(ADDRESSES_SHOWN);
        addresses.push(format!("{more} more"));
    }
    // An IP literal is its own address.
    if !addresses.is_empty() && addresses != [host.clone()] {
        line += &format!(" ({})", and(&addresses));
    }
    if let Some(from) = &report.vantage.host {
        line += &format!("  from {}", shown(from));
    }
    let mut out = String::new();
    layout::paragraph(&mut out, "", 2, &line);
    // A host that does not fit one line stays unstyled.
    match out.strip_prefix(&host) {
        Some(rest) if host.len() < WIDTH => styled(style::HEADING, &host) + rest,
        _ => out,
    }
}
