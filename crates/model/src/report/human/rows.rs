//! One row per check; with two routes one row per protocol, with both checks side by side.

use std::fmt::Write as _;

use crate::{
    diagnosis::Verdict,
    hub::Route,
    report::{
        Check, Report,
        endpoint::{self, Endpoint, Tested},
        index::Index,
        screen::{Page, Screen},
        sections,
        style::{BOLD, colour},
        text::{self, shown},
    },
};

/// Minimum screen width for a table.
const TABLE: usize = 60;
/// Columns of a cell: verdict and time.
const CELL: usize = 17;

pub(super) fn rows(page: &mut Page, report: &Report, index: &Index<'_>, screen: Screen) {
    let table = Table::of(report, index, screen);
    if Tested::of(report) != Tested::Both {
        return table.one_by_one(page, &sections::sorted(report));
    }
    if page.columns() >= table.before(Route::Proxy) + CELL {
        return table.side_by_side(page, &endpoint::sorted(report));
    }
    for route in Route::ALL {
        let mut checks = sections::sorted(report);
        checks.retain(|check| check.observations.route == *route);
        let _ = writeln!(page, "{BOLD}{}{BOLD:#}", endpoint::word(*route));
        table.one_by_one(page, &checks);
    }
}

struct Table<'a> {
    index: &'a Index<'a>,
    screen: Screen,
    /// Columns of the longest protocol.
    widest: usize,
}

/// Why several checks have their verdict.
struct Reason {
    routes: Vec<Route>,
    text: String,
    names: Vec<String>,
}

impl<'a> Table<'a> {
    fn of(report: &Report, index: &'a Index<'a>, screen: Screen) -> Self {
        let widest = report.checks().map(|check| label(check).len()).max().unwrap_or_default();
        Self { index, screen, widest }
    }

    fn one_by_one(&self, page: &mut Page, checks: &[Check<'_>]) {
        let widest = self.widest;
        let mut previous = None;
        for check in checks.iter().copied() {
            let (word, style) = (text::verdict(check.verdict), colour(check.verdict));
            let reason = self.reason(check);
            let is_repeated = !reason.is_empty() && previous.as_ref() == Some(&reason);
            previous = Some(reason.clone());
            let reason = if is_repeated { "the same".to_owned() } else { reason };
            let (name, port, took) = (label(check), check.observations.port, duration(check));
            let lines = match page.columns() >= TABLE {
                true => {
                    let before = format!("  {word:<8}  {name:<widest$}  {port:>5}  {took:>8}  ");
                    page.lines(&before, &" ".repeat(before.len()), &reason)
                }
                false => {
                    let reason = if reason.is_empty() { reason } else { format!(": {reason}") };
                    page.lines("  ", "    ", &format!("{word:<8}  {name} {port}, {}{reason}", took.trim()))
                }
            };
            // Colour only after wrapping: escapes have no width.
            page.push(&lines.replacen(word, &format!("{style}{word}{style:#}"), 1));
        }
    }

    /// Columns before the cell of a route.
    fn before(&self, route: Route) -> usize {
        // The protocol and the port, with two spaces before each column.
        let direct = 2 + self.widest + 2 + 5 + 2;
        match route {
            Route::Direct => direct,
            Route::Proxy => direct + CELL + 2,
        }
    }

    /// The reasons are below the table: there is no room for them beside it.
    fn side_by_side(&self, page: &mut Page, endpoints: &[Endpoint<'_>]) {
        let widest = self.widest;
        let [direct, proxied] = [Route::Direct, Route::Proxy].map(endpoint::word);
        let before = " ".repeat(self.before(Route::Direct));
        let _ = writeln!(page, "{before}{BOLD}{direct:<CELL$}  {proxied}{BOLD:#}");
        for endpoint in endpoints {
            let (name, port) = (endpoint.protocol().label(), endpoint.port());
            let cells: Vec<String> = Route::ALL.iter().map(|route| cell(endpoint.on(*route))).collect();
            let line = format!("  {name:<widest$}  {port:>5}  {}", cells.join("  "));
            let _ = writeln!(page, "{}", line.trim_end());
        }
        for reason in self.reasons(endpoints) {
            let before = format!("  {:<8}  ", reason.said_of());
            let names = if reason.names.len() == endpoints.len() {
                "every protocol".to_owned()
            } else {
                reason.names.join(", ")
            };
            page.wrapped(&before, &" ".repeat(before.len()), &format!("{names}: {}", reason.text));
        }
    }

    /// Each once, with all that it is the reason of.
    fn reasons(&self, endpoints: &[Endpoint<'_>]) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = Vec::new();
        for route in Route::ALL {
            for check in endpoints.iter().filter_map(|endpoint| endpoint.on(*route)) {
                let (text, name) = (self.reason(check), self.index.endpoint(check));
                match reasons.iter_mut().find(|known| known.routes == [*route] && known.text == text) {
                    _ if text.is_empty() => {}
                    Some(known) => known.names.push(name),
                    None => reasons.push(Reason { routes: vec![*route], text, names: vec![name] }),
                }
            }
        }
        let mut folded: Vec<Reason> = Vec::new();
        for reason in reasons {
            let is_alike = |known: &&mut Reason| (&known.text, &known.names) == (&reason.text, &reason.names);
            match folded.iter_mut().find(is_alike) {
                Some(known) => known.routes.extend(reason.routes),
                None => folded.push(reason),
            }
        }
        folded
    }

    /// Empty if it gets through without a flaw: that needs no text.
    fn reason(&self, check: Check<'_>) -> String {
        let is_well = check.verdict == Verdict::Allowed && !self.screen.is_unfolded();
        match self.index.causes(check).first() {
            Some(cause) if is_well => format!("warning: {}", cause.code),
            None if is_well => String::new(),
            _ => shown(check.summary),
        }
    }
}

impl Reason {
    fn said_of(&self) -> &'static str {
        match self.routes.as_slice() {
            [one] => endpoint::word(*one),
            _ => "both",
        }
    }
}

fn label(check: Check<'_>) -> &'static str {
    check.observations.protocol.label()
}

/// Verdict and time, as wide as every cell. Not every protocol is tested on every route.
fn cell(check: Option<Check<'_>>) -> String {
    let Some(check) = check else { return format!("{:<CELL$}", "-") };
    let (word, style) = (text::verdict(check.verdict), colour(check.verdict));
    // Colour only after padding: escapes have no width.
    format!("{word:<8} {:>8}", duration(check)).replacen(word, &format!("{style}{word}{style:#}"), 1)
}

/// Units are aligned.
fn duration(check: Check<'_>) -> String {
    let duration = sections::millis(check).map_or_else(|| "-   ".to_owned(), text::duration);
    if duration.ends_with(" s") { duration + " " } else { duration }
}
