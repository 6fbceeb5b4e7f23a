//! `hubreach diagnose`: judge saved observations again, with no network.

use super::{
    args::DiagnoseArgs,
    exit::{Failure, Status},
    output, saved,
};

pub fn run(args: &DiagnoseArgs) -> Result<Status, Failure> {
    let document = saved::document(&args.file)?.judged_again();
    output::deliver_as(&|format| document.render(format), "", &args.output)?;
    Ok(Status::of(document.is_met()))
}
