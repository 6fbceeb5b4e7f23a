//! `hubreach diagnose`: judge saved observations again, with no network.

use super::{
    args::DiagnoseArgs,
    exit::{Failure, Status},
    output, saved,
};

pub fn run(args: &DiagnoseArgs) -> Result<Status, Failure> {
    let document = saved::document(&args.file)?.judged_again();
    let render = |format| document.render(format);
    output::deliver_as(&render, "", &args.output, || output::stdout(&render(args.output.format)))?;
    Ok(Status::of(document.is_met()))
}
