//! `hubreach diff`: what changed between two saved reports.

use std::path::Path;

use hubreach::report::{
    Screen,
    diff::{self, Diff},
};

use super::{
    args::{DiffArgs, Verbosity},
    exit::{CliError, Status},
    output, saved,
    screen::screen,
    stdout,
    values::DiffFormat,
};

pub fn run(args: &DiffArgs, verbosity: &Verbosity) -> Result<Status, CliError> {
    let is_stdin = |path: &Path| path == Path::new("-");
    if is_stdin(&args.before) && is_stdin(&args.after) {
        return Err(CliError::input("only one of the two can be read from stdin; give a file for the other"));
    }
    output::try_out(&args.output)?;
    let (before, after) = (saved::document(&args.before)?, saved::document(&args.after)?);
    let diff = diff::compare(before.reports(), after.reports()).map_err(|error| CliError::input(error.to_string()))?;
    let mut done = stdout::print(&render(&diff, args.format, screen(verbosity)));
    for path in &args.output {
        let format = DiffFormat::of_path(path).unwrap_or(args.format);
        done = done.and(output::save(path, &render(&diff, format, Screen::FILE)));
    }
    done?;
    Ok(Status::of(!diff.regressed))
}

fn render(diff: &Diff, format: DiffFormat, screen: Screen) -> String {
    match format {
        DiffFormat::Human => diff.human(screen),
        DiffFormat::Json => diff.json(),
        DiffFormat::Markdown => diff.markdown(),
    }
}
