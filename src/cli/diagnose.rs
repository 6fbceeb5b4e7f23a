//! `hubreach diagnose`: judge saved observations again, with no network.

use super::{
    args::{DiagnoseArgs, Verbosity},
    exit::{CliError, Status},
    output, saved,
    screen::screen,
    stdout,
};

pub fn run(args: &DiagnoseArgs, verbosity: &Verbosity) -> Result<Status, CliError> {
    output::try_out(&args.output.output)?;
    let document = saved::document(&args.file)?.judged_again();
    let render = |format| document.render(format);
    output::deliver_as(&render, "", &args.output, || {
        stdout::print(&document.render_on(screen(verbosity), args.output.format))
    })?;
    Ok(Status::of(document.is_met()))
}
