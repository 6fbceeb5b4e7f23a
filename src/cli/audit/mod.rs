//! `hubreach audit`: many hubs, and reports to sign.

mod plan;
mod progress;

use std::{cell::RefCell, num::NonZeroUsize};

use hubreach::{
    audit::{self, Audited, Event, Plan},
    report::Format,
};

use self::progress::Progress;
use super::{
    args::{AuditArgs, Volume},
    block_on,
    exit::{Failure, Status},
    output, signals,
};

pub fn run(args: &AuditArgs, volume: &Volume) -> Result<Status, Failure> {
    let plan = plan::read(args)?;
    let jobs = jobs(args.jobs, &plan, volume);
    let told = RefCell::new(Ok(()));
    let progress = Progress::start(&plan, args.output.format, volume);
    let happened = |event: &Event<'_>| {
        progress.show(event);
        if let (Event::Finished(_, report), Format::Ndjson) = (event, args.output.format) {
            let mut told = told.borrow_mut();
            // One failure is enough: the run goes on, for there may be files to write.
            if told.is_ok() {
                *told = output::stdout(&report.render(Format::Ndjson));
            }
        }
    };
    let audited = block_on(audit::run(&plan, jobs, signals::interrupted(), &happened))?;
    drop(progress);
    let Audited { reports, failures } = audited;
    let is_met = reports.len() == plan.targets.len() && reports.iter().all(|report| report.requirement.met);
    match args.output.format {
        // Told already, one by one.
        Format::Ndjson => told.into_inner().and(output::save_all(&reports, "", &args.output))?,
        _ => output::deliver(&reports, "", &args.output)?,
    }
    match failures.as_slice() {
        [] => Ok(Status::of(is_met)),
        failures => Err(not_tested(&plan, failures)),
    }
}

/// As many as was asked for, unless there are not the descriptors for it.
fn jobs(wanted: NonZeroUsize, plan: &Plan, volume: &Volume) -> NonZeroUsize {
    let most = audit::jobs(wanted);
    if most < wanted && most.get() < plan.targets.len() && !volume.quiet {
        output::note(&format!(
            "{most} targets are tested at a time, for want of file descriptors; raise the limit for more (`ulimit -n`)"
        ));
    }
    most
}

fn not_tested(plan: &Plan, failures: &[(usize, hubreach::SetupError)]) -> Failure {
    let named = failures.iter().filter_map(|(place, error)| Some((&plan.targets.get(*place)?.target.host, error)));
    let first: Vec<String> = named.take(1).map(|(host, error)| format!("{host}: {error}")).collect();
    let more = match failures.len() {
        0 | 1 => String::new(),
        more => format!(" (and {} more targets)", more - 1),
    };
    Failure::cannot_run(format!("not tested: {}{more}", first.join("")))
}
