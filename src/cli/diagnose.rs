//! `hubreach diagnose`: judge saved observations again, with no network.

use hubreach::report::Report;

use super::{
    args::DiagnoseArgs,
    exit::{Failure, Status},
    output, saved,
};

pub fn run(args: &DiagnoseArgs) -> Result<Status, Failure> {
    let again = |saved: &Report| {
        let seen = saved.observations();
        let diagnosis = hubreach::diagnose(&seen);
        Report::new(seen, diagnosis)
    };
    let reports: Vec<Report> = saved::reports(&args.file)?.iter().map(again).collect();
    output::deliver(&reports, "", &args.output)?;
    Ok(Status::of(reports.iter().all(|report| report.requirement.met)))
}
