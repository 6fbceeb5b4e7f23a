//! `hubreach trace`: where on the path each port is stopped.

use hubreach::{Checker, observation::Outcome, probe::Event, report::TraceReport};

use super::{
    args::{TraceArgs, Verbosity},
    block_on, check,
    exit::{CliError, Status},
    output,
    progress::{Lines, Progress},
    screen::screen,
    signals::Signals,
    values::TraceFormat,
};

pub fn run(args: &TraceArgs, verbosity: &Verbosity) -> Result<Status, CliError> {
    let target = check::target(args.hub.as_deref(), &args.what.options(), &args.probe.address)?;
    let mut settings = args.probe.settings();
    settings.router_names = args.names;
    settings.validate(&target)?;
    output::try_out(&args.output)?;
    let state = Following("resolving the name".to_owned());
    let progress = Progress::start(state, args.format == TraceFormat::Human, verbosity);
    let happened = progress.listener(Following::note);
    let signals = Signals::listen(Status::of_any);
    let checker = Checker::builder(target).settings(settings).stop(signals.token()).on_event(happened).build()?;
    let traces = block_on(checker.trace())?;
    drop(progress);
    let traces = traces?;
    let resolved = traces.resolution.outcome != Outcome::Failed;
    let report = TraceReport::new(traces);
    let mut done = output::stdout_until(report.render_on(screen(verbosity), args.format.into()));
    for path in &args.output {
        let format = TraceFormat::of_path(path).unwrap_or(args.format);
        done = done.and(output::save(path, &report.render(format.into())));
    }
    done?;
    Ok(if resolved { Status::Met } else { Status::NotMet })
}

/// What is under way.
struct Following(String);

impl Following {
    fn note(&mut self, event: &Event) {
        match event {
            Event::Resolved { addresses, .. } => {
                let first = addresses.first().map(ToString::to_string).unwrap_or_default();
                self.0 = format!("connecting to {first}");
            }
            Event::Followed { peer, hop } => self.0 = format!("{peer}: answered up to hop {hop}"),
            _ => {}
        }
    }
}

impl Lines for Following {
    fn drawn(&self, face: char) -> Vec<String> {
        vec![format!("  {face} {}", self.0)]
    }
}
