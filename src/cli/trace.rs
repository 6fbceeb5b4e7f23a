//! `hubreach trace`: where on the path each port is stopped.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hubreach::{Checker, observation::Outcome, probe::Event, report::TraceReport};

use super::{
    args::{TraceArgs, Verbosity},
    block_on, check,
    exit::{CliError, Status},
    output,
    progress::Area,
    screen::screen,
    signals::Signals,
    values::TraceFormat,
};

pub fn run(args: &TraceArgs, volume: &Verbosity) -> Result<Status, CliError> {
    let target = check::target(args.hub.as_deref(), &args.what.options(), &args.how.address)?;
    let mut settings = args.how.settings();
    settings.router_names = args.names;
    settings.validate(&target)?;
    output::try_out(&args.output)?;
    let message = Arc::new(Mutex::new("resolving the name".to_owned()));
    let drawn = Arc::clone(&message);
    let is_for_people = args.format == TraceFormat::Human;
    let area = Area::start(is_for_people, volume, move |face| vec![format!("  {face} {}", lock(&drawn))]);
    let progress = move |event: &Event| show(&message, event);
    let signals = Signals::listen(Status::of_any);
    let checker = Checker::builder(target).settings(settings).stop(signals.token()).on_event(progress).build()?;
    let traces = block_on(checker.trace())?;
    drop(area);
    let traces = traces?;
    let resolved = traces.resolution.outcome != Outcome::Failed;
    let report = TraceReport::new(traces);
    let mut done = output::stdout_until(report.render_on(screen(volume), args.format.into()));
    for path in &args.output {
        let format = TraceFormat::of_path(path).unwrap_or(args.format);
        done = done.and(output::save(path, &report.render(format.into())));
    }
    done?;
    Ok(if resolved { Status::Met } else { Status::NotMet })
}

fn show(message: &Mutex<String>, event: &Event) {
    match event {
        Event::Resolved { addresses, .. } => {
            let first = addresses.first().map(ToString::to_string).unwrap_or_default();
            *lock(message) = format!("connecting to {first}");
        }
        Event::Followed { peer, hop } => *lock(message) = format!("{peer}: answered up to hop {hop}"),
        _ => {}
    }
}

/// A message is there whole or not at all.
fn lock(message: &Mutex<String>) -> MutexGuard<'_, String> {
    message.lock().unwrap_or_else(PoisonError::into_inner)
}
