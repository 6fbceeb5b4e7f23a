//! `hubreach audit`: many hubs, and reports to sign.

mod baseline;
mod plan;
mod progress;

use std::{
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use hubreach::{
    SetupError,
    audit::{self, Audited, Event, Plan},
    probe::{now, timestamp},
    report::{self, Document, Format},
};

use self::progress::Targets;
use super::{
    args::{AuditArgs, Output, Verbosity},
    block_on,
    exit::{CliError, Status},
    hints, output,
    printer::Printer,
    progress::Progress,
    screen::screen,
    signals::Signals,
};

pub fn run(args: &AuditArgs, verbosity: &Verbosity) -> Result<Status, CliError> {
    let signals = Signals::listen(Status::of_any);
    let plan = plan::read(args, &signals)?;
    let before = args.baseline.as_deref().map(|file| baseline::read(file, &plan, &signals)).transpose()?;
    output::try_out(&args.output.output)?;
    run_since(before.as_ref(), &plan, args.jobs, &args.output, verbosity, &signals)
}

/// Tests all targets of `plan`, and writes their reports to `to`.
pub fn run_plan(
    plan: &Plan,
    jobs: NonZeroUsize,
    to: &Output,
    verbosity: &Verbosity,
    signals: &Signals,
) -> Result<Status, CliError> {
    run_since(None, plan, jobs, to, verbosity, signals)
}

/// The same, and what changed since the run `before`.
fn run_since(
    before: Option<&Document>,
    plan: &Plan,
    jobs: NonZeroUsize,
    to: &Output,
    verbosity: &Verbosity,
    signals: &Signals,
) -> Result<Status, CliError> {
    let jobs = enough_jobs(jobs, plan, verbosity);
    block_on(check_roots(plan, signals))??;
    // Reports are told one by one as lines; in other formats all of them at the end.
    let live = (to.format == Format::Ndjson).then(Printer::start);
    let printed = Mutex::new((live, Ok(())));
    let progress = Progress::start(Targets::of(plan), to.format == Format::Human, verbosity);
    let shown = progress.handle();
    let happened = |event: &Event<'_>| {
        shown.update(|targets| targets.note(event));
        let Event::Finished(_, report) = event else { return };
        let mut printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
        // One failure is enough: the run goes on, for there may be files to write.
        if let (Some(printer), Ok(())) = &*printed {
            printed.1 = printer.print(report.render(Format::Ndjson));
        }
    };
    let (began, started_at) = (Instant::now(), timestamp(now()));
    let audited = block_on(audit::run(plan, jobs, &signals.token(), &happened))?;
    drop(progress);
    let Audited { reports, failures, pace, .. } = audited;
    // To the tenth of a millisecond, as the reports.
    let duration_ms = (began.elapsed().as_secs_f64() * 10_000.0).round() / 10.0;
    let audit = report::Audit::new(plan.title.clone(), started_at, duration_ms, plan.targets.len(), reports);
    let audit = audit.paced(Some(pace));
    let audit = match before {
        Some(before) => audit.since(before.reports()),
        None => audit,
    };
    let (live, printed) = printed.into_inner().unwrap_or_else(PoisonError::into_inner);
    output::deliver_as(&|format| audit.render(format), "", to, || match live {
        Some(printer) => printed.and(printer.print(audit.last_event())).and(printer.end()),
        None => output::stdout_until(audit.render_on(screen(verbosity), to.format)),
    })?;
    match failures.as_slice() {
        [] => Ok(Status::of(audit.summary.met)),
        failures => Err(not_tested(plan, failures)),
    }
}

/// Reports unusable files of roots before anything is tested.
async fn check_roots(plan: &Plan, signals: &Signals) -> Result<(), SetupError> {
    let check = async {
        for planned in &plan.targets {
            planned.settings.check_roots().await?;
        }
        Ok(())
    };
    tokio::select! {
        () = signals.received() => Err(SetupError::Interrupted),
        checked = check => checked,
    }
}

/// As many as was asked for, unless there are not the descriptors for it.
fn enough_jobs(wanted: NonZeroUsize, plan: &Plan, verbosity: &Verbosity) -> NonZeroUsize {
    let most = audit::jobs(wanted);
    if most < wanted && most.get() < plan.targets.len() && !verbosity.quiet {
        output::note(&format!(
            "{most} targets are tested at a time, for want of file descriptors; raise the limit for more (`ulimit -n`)"
        ));
    }
    most
}

fn not_tested(plan: &Plan, failures: &[(usize, SetupError)]) -> CliError {
    let named = failures.iter().filter_map(|(index, error)| Some((&plan.targets.get(*index)?.target.host, error)));
    let first: Vec<String> = named.take(1).map(|(host, error)| format!("{host}: {}", hints::setup(error))).collect();
    let more = match failures.len() {
        0 | 1 => String::new(),
        more => format!(" (and {} more targets)", more - 1),
    };
    CliError::cannot_run(format!("not tested: {}{more}", first.join("")))
}
