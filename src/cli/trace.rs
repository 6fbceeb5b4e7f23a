//! `hubreach trace`: where on the path each port is stopped.

use std::{io::IsTerminal, time::Duration};

use hubreach::{observation::Outcome, probe::Event, report::TraceReport};
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    args::{TraceArgs, Volume},
    block_on, check,
    exit::{Failure, Status},
    output, signals,
    values::TraceFormat,
};

pub fn run(args: &TraceArgs, volume: &Volume) -> Result<Status, Failure> {
    let target = check::target(args.hub.as_deref(), &args.what.choices(), &args.how.address)?;
    let settings = args.how.settings();
    settings.fit(&target).map_err(Failure::input)?;
    let line = line(args, volume);
    let progress = |event: &Event| show(&line, event);
    let traces = block_on(hubreach::trace(&target, &settings, args.names, signals::interrupted(), &progress))?;
    line.finish_and_clear();
    let traces = traces.map_err(|error| Failure::cannot_run(error.to_string()))?;
    let resolved = traces.resolution.outcome != Outcome::Failed;
    output::stdout(&TraceReport::new(traces).render(args.format.into()))?;
    Ok(if resolved { Status::Met } else { Status::NotMet })
}

/// What is being done, where somebody watches.
fn line(args: &TraceArgs, volume: &Volume) -> ProgressBar {
    let logs = volume.verbose > 0 || std::env::var_os("HUBREACH_LOG").is_some();
    let watched = std::io::stderr().is_terminal() && args.format == TraceFormat::Human;
    let style = ProgressStyle::with_template("  {spinner} {wide_msg}");
    match style {
        Ok(style) if watched && !volume.quiet && !logs => {
            let line = ProgressBar::new_spinner().with_style(style).with_message("resolving the name");
            line.enable_steady_tick(Duration::from_millis(100));
            line
        }
        _ => ProgressBar::hidden(),
    }
}

fn show(line: &ProgressBar, event: &Event) {
    match event {
        Event::Resolved { addresses, .. } => {
            let first = addresses.first().map(ToString::to_string).unwrap_or_default();
            line.set_message(format!("connecting to {first}"));
        }
        Event::Followed { peer, hop } => line.set_message(format!("{peer}: answered up to hop {hop}")),
        _ => {}
    }
}
