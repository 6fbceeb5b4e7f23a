//! One row per hop, one column per port: it shows at a glance where one port ends and another goes on. Readable without
//! colour.

use std::{collections::BTreeSet, fmt::Write as _, net::IpAddr};

use anstyle::{AnsiColor, Style};

use super::{TraceReport, TracedPort};
use crate::{
    observation::{Outcome, PathProbe, PortTrace, ProbeAnswer},
    report::{
        screen::{Page, Screen},
        style::{BOLD, DIM},
        text::{duration, located, shown},
    },
};

const OPEN: Style = AnsiColor::Green.on_default();
const STOPPED: Style = AnsiColor::Red.on_default().bold();

/// `  hop  `.
const BEFORE: usize = 7;
const CELL: usize = 13;
/// Fits most IPv4 addresses.
const MIN_ROUTER_WIDTH: usize = 15;

pub(in crate::report) fn render(report: &TraceReport, screen: Screen) -> String {
    let mut page = Page::new(screen);
    let from = report.traces.from.as_ref().map(|host| format!("  from {}", shown(host))).unwrap_or_default();
    page.wrapped("", "  ", &format!("{}{from}", shown(&report.traces.host)));
    let addresses: BTreeSet<IpAddr> = report.traces.ports.iter().map(|port| port.observations.trace.address).collect();
    for address in addresses {
        let columns: Vec<&TracedPort> =
            report.traces.ports.iter().filter(|port| port.observations.trace.address == address).collect();
        page.part();
        let _ = writeln!(page, "{BOLD}to {address}{BOLD:#}");
        tables(&mut page, report, &columns);
        page.part();
        columns.iter().for_each(|column| verdict(&mut page, column));
    }
    limits(&mut page, report);
    page.into_text()
}

/// One table if the ports fit side by side; several if they do not fit even with each router on its own line.
fn tables(page: &mut Page, report: &TraceReport, columns: &[&TracedPort]) {
    let beside = BEFORE + MIN_ROUTER_WIDTH + CELL * columns.len() <= page.columns();
    let most = if beside { columns.len() } else { page.columns() / CELL };
    for columns in columns.chunks(most.max(1)) {
        table(page, report, columns, beside);
    }
}

/// The routers in the same row (`beside`) as the ports' answers, or in a line above.
fn table(page: &mut Page, report: &TraceReport, columns: &[&TracedPort], beside: bool) {
    let rows = (1..=furthest(columns)).map(|ttl| (ttl, routers(columns, ttl))).collect::<Vec<_>>();
    let widest = rows.iter().flat_map(|(_, routers)| routers).map(|router| router.to_string().len()).max();
    let room = page.columns().saturating_sub(BEFORE + CELL * columns.len()).max(MIN_ROUTER_WIDTH);
    let width = if beside { widest.unwrap_or_default().clamp(MIN_ROUTER_WIDTH, room) } else { 0 };
    let indent = " ".repeat(if beside { BEFORE + width } else { 0 });
    let head = |of: &dyn Fn(&PortTrace) -> String| {
        columns.iter().map(|column| format!("{:>CELL$}", of(&column.observations))).collect::<String>()
    };
    let ports = head(&|port| port.trace.port.to_string());
    let _ = match beside {
        true => writeln!(page, "  hop  {:<width$}{ports}", "router"),
        false => writeln!(page, "  hop  router\n{ports}"),
    };
    let _ = writeln!(page, "{indent}{}", head(&|port| label(port).to_owned()));
    for (ttl, routers) in rows {
        // A silent hop has a row too.
        let named = routers.into_iter().map(Some).collect::<Vec<_>>();
        let lines = if named.is_empty() { vec![None] } else { named };
        for (at, router) in lines.into_iter().enumerate() {
            let number = if at == 0 { ttl.to_string() } else { String::new() };
            let no_router = if columns.iter().any(|column| is_reset_at(&column.observations, ttl)) { "?" } else { "*" };
            let address = router.map_or_else(|| no_router.to_owned(), |router| router.to_string());
            let cells: String = columns.iter().map(|column| cell(column, ttl, router, at == 0)).collect();
            match address.len() > width {
                true => {
                    let _ = writeln!(page, "  {number:>3}  {address}");
                    let _ =
                        if cells.trim().is_empty() { Ok(()) } else { writeln!(page, "{indent}{}", cells.trim_end()) };
                }
                false => _ = writeln!(page, "{}", format!("  {number:>3}  {address:<width$}{cells}").trim_end()),
            }
            if let Some(name) = router.and_then(|router| report.traces.names.get(&router)) {
                page.styled(DIM, "       ", "       ", &shown(name));
            }
        }
    }
}

/// The first of its protocols, shortened to fit the column.
fn label(port: &PortTrace) -> &'static str {
    let Some(first) = port.protocols.first() else { return "" };
    if first.label().len() < CELL { first.label() } else { first.id() }
}

/// Up to the last hop that answered, and one more if a port is silent there.
fn furthest(columns: &[&TracedPort]) -> u8 {
    let answered =
        columns.iter().flat_map(|column| &column.observations.trace.probes).filter(|probe| is_answered(probe));
    let last = answered.map(|probe| probe.ttl).max().unwrap_or_default();
    let arrived = columns.iter().any(|column| arrival(&column.observations).is_some());
    if arrived {
        columns.iter().filter_map(|column| arrival(&column.observations)).max().unwrap_or(last)
    } else {
        last + 1
    }
}

fn is_answered(probe: &PathProbe) -> bool {
    !matches!(probe.answer, ProbeAnswer::Silent | ProbeAnswer::NotSent { .. })
}

/// The fewest hops at which the port itself, or the device that rejects it, answered.
fn arrival(port: &PortTrace) -> Option<u8> {
    let answers =
        port.trace.probes.iter().filter(|probe| {
            matches!(probe.answer, ProbeAnswer::SynAck | ProbeAnswer::Reset | ProbeAnswer::Icmp { .. })
        });
    answers.map(|probe| probe.ttl).min()
}

/// A reset carries the hub's address, even if another device sent it.
fn is_reset_at(port: &PortTrace, ttl: u8) -> bool {
    port.trace.probes.iter().any(|probe| probe.ttl == ttl && probe.answer == ProbeAnswer::Reset)
}

/// The sources of the answers at a hop, the port's own address included.
fn routers(columns: &[&TracedPort], ttl: u8) -> BTreeSet<IpAddr> {
    let probes = columns.iter().flat_map(|column| {
        let end = arrival(&column.observations).unwrap_or(u8::MAX);
        column
            .observations
            .trace
            .probes
            .iter()
            .filter(move |probe| probe.ttl == ttl && ttl <= end)
            .filter_map(|probe| who(&column.observations, probe))
    });
    probes.collect()
}

fn who(port: &PortTrace, probe: &PathProbe) -> Option<IpAddr> {
    match probe.answer {
        ProbeAnswer::TimeExceeded { from } | ProbeAnswer::Icmp { from, .. } => from,
        ProbeAnswer::SynAck | ProbeAnswer::Reply => Some(port.trace.address),
        // Its source is unknown.
        ProbeAnswer::Reset | ProbeAnswer::Silent | ProbeAnswer::NotSent { .. } => None,
    }
}

/// The answers to one port's SYNs at a hop, from one router.
fn cell(column: &TracedPort, ttl: u8, router: Option<IpAddr>, first: bool) -> String {
    let TracedPort { observations: port, location, early } = column;
    let end = arrival(port);
    if end.is_some_and(|end| ttl > end) {
        return " ".repeat(CELL);
    }
    let here: Vec<&PathProbe> = port.trace.probes.iter().filter(|probe| probe.ttl == ttl).collect();
    let of_router = here.iter().filter(|probe| is_answered(probe) && who(port, probe) == router);
    // A reset does not show its true sender: it goes into the first line.
    let unsigned = here.iter().filter(|probe| first && is_answered(probe) && who(port, probe).is_none());
    let fastest = of_router
        .chain(unsigned)
        .min_by(|one, other| one.round_trip_ms.unwrap_or(f64::MAX).total_cmp(&other.round_trip_ms.unwrap_or(f64::MAX)));
    let silent = || {
        let stopped = location.as_ref().is_some_and(|location| !early && ttl > location.hop);
        ("*".to_owned(), if stopped { STOPPED } else { DIM })
    };
    let elsewhere = here.iter().any(|probe| is_answered(probe));
    let (text, style) = match fastest.map(|probe| (&probe.answer, spoken(probe.round_trip_ms))) {
        Some((ProbeAnswer::SynAck, took)) => (format!("OPEN {took}"), OPEN),
        Some((ProbeAnswer::Reset, took)) => (format!("RESET {took}"), STOPPED),
        Some((ProbeAnswer::Icmp { .. }, _)) => ("REJECTED".to_owned(), STOPPED),
        Some((_, took)) => (took, Style::new()),
        None if here.is_empty() || elsewhere || !first => (String::new(), Style::new()),
        None => silent(),
    };
    // Pad before colouring: escapes have no width.
    let padding = " ".repeat(CELL.saturating_sub(text.len()));
    if text.is_empty() { padding } else { format!("{padding}{style}{text}{style:#}") }
}

fn spoken(millis: Option<f64>) -> String {
    match millis {
        None => String::new(),
        Some(millis) if millis < 9.95 => format!("{millis:.1} ms"),
        Some(millis) => duration(millis),
    }
}

fn verdict(page: &mut Page, TracedPort { observations: port, location, .. }: &TracedPort) {
    let at = location.as_ref().map(located);
    let hop = arrival(port).map(|hop| format!(" at hop {hop}")).unwrap_or_default();
    let last = port.trace.probes.iter().filter(|probe| is_answered(probe)).map(|probe| probe.ttl).max();
    let (text, style) = match (&port.answer, at) {
        (ProbeAnswer::SynAck | ProbeAnswer::Reply, Some(at)) => {
            (format!("answered in the hub's place, at {at}"), STOPPED)
        }
        (ProbeAnswer::SynAck | ProbeAnswer::Reply, None) => (format!("open, answers{hop}"), OPEN),
        (ProbeAnswer::Reset, Some(at)) => (format!("reset at {at}"), STOPPED),
        (ProbeAnswer::Reset, None) => (format!("reset{hop}"), STOPPED),
        (ProbeAnswer::Icmp { .. }, Some(at)) => (format!("rejected at {at}"), STOPPED),
        (ProbeAnswer::Icmp { from: Some(from), .. }, None) => (format!("rejected by {from}"), STOPPED),
        (ProbeAnswer::Icmp { .. } | ProbeAnswer::TimeExceeded { .. }, _) => (format!("rejected{hop}"), STOPPED),
        (ProbeAnswer::Silent, Some(at)) => (format!("silent, stopped at {at}"), STOPPED),
        (ProbeAnswer::Silent, None) => match last {
            Some(last) => (format!("silent; nothing beyond hop {last} answers, and no port shows what could"), STOPPED),
            None => ("silent, as is every hop".to_owned(), STOPPED),
        },
        (ProbeAnswer::NotSent { message }, _) => (format!("not sent: {}", shown(message)), STOPPED),
    };
    let labels: Vec<&str> = port.protocols.iter().map(|protocol| protocol.label()).collect();
    let before = format!("  {:<5}  ", port.trace.port);
    let lines = page.lines(&before, &" ".repeat(before.len()), &format!("{text} ({})", labels.join(", ")));
    // Colour only after wrapping; the first words are enough.
    let word = text.split([' ', ',', ';']).next().unwrap_or_default();
    page.push(&lines.replacen(word, &format!("{style}{word}{style:#}"), 1));
}

fn limits(page: &mut Page, report: &TraceReport) {
    let failed = match report.traces.resolution.outcome {
        Outcome::Failed => Some("The name does not resolve: `hubreach check` says why."),
        Outcome::Cancelled => Some("Cut short while the name was resolved."),
        _ => None,
    };
    let partial = report.traces.partial.then_some("Interrupted: this is what was seen until then.");
    let deadline = report
        .traces
        .deadline_reached
        .then_some("The deadline came before everything was seen; try a longer --timeout.");
    let silent = report.traces.ports.iter().any(|port| port.observations.answer == ProbeAnswer::Silent);
    let star = silent.then_some(
        "* is silence: of a router that never answers it says nothing, of a port only where another port is answered.",
    );
    let lines: Vec<&str> = [failed, partial, deadline, star].into_iter().flatten().collect();
    if !lines.is_empty() {
        page.part();
    }
    for line in lines {
        page.wrapped("", "", line);
    }
}
