//! Tracing, to stderr.

use std::io;

use anstream::{AutoStream, ColorChoice};
use tracing_subscriber::{filter::Targets, fmt, prelude::*};

use super::{args::Verbosity, exit::CliError, stderr};

const VARIABLE: &str = "HUBREACH_LOG";

/// Starts it: `-q` wins over the environment.
pub fn start(verbosity: &Verbosity) -> Result<(), CliError> {
    let wanted = match verbosity.quiet {
        true => "error".to_owned(),
        false => std::env::var(VARIABLE).ok().filter(|filter| !filter.is_empty()).unwrap_or_else(|| "warn".to_owned()),
    };
    let filter: Targets = wanted.parse().map_err(|_| {
        CliError::input(format!("{VARIABLE} is no filter; set it to a level such as debug, or to hubreach=trace,warn"))
    })?;
    let colour = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
    let lines = fmt::layer()
        .with_writer(|| stderr::Lines)
        .with_ansi(colour)
        .with_timer(fmt::time::uptime())
        // It would tell stderr that stderr takes nothing, and panic when that fails.
        .log_internal_errors(false);
    tracing_subscriber::registry().with(lines.with_filter(filter)).init();
    Ok(())
}
