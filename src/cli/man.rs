//! `hubreach man`: the manual pages.

use std::{fs, io, path::Path};

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use super::{
    args::{CheckArgs, Cli, ManArgs},
    exit::{CliError, Status},
    file, output, stdout,
};

pub fn run(args: &ManArgs) -> Result<Status, CliError> {
    match &args.dir {
        Some(dir) => {
            let mut command = Cli::command().disable_help_subcommand(true);
            command.build();
            // One level: a typing error is told, not made.
            let made = if dir.is_dir() { Ok(()) } else { fs::create_dir(dir) };
            made.map_err(|error| output::refused("--dir", dir, &error))?;
            output::try_one_out("--dir", &dir.join(Man::new(command.clone()).get_filename()))?;
            let written = write_all(&command, dir);
            written.map_err(|error| CliError::cannot_run(output::not_written("--dir", dir, &error)))?;
        }
        None => {
            // `check` is the default command: the main page has its options.
            let page = page(&Man::new(CheckArgs::augment_args(Cli::command())));
            stdout::raw(&page.map_err(|error| CliError::cannot_run(error.to_string()))?)?;
        }
    }
    Ok(Status::Met)
}

/// A page for `command` and for each below it.
fn write_all(command: &Command, dir: &Path) -> io::Result<()> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        write_all(below, dir)?;
    }
    let man = Man::new(command.clone());
    file::write(&dir.join(man.get_filename()), &page(&man)?)
}

fn page(man: &Man) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render(&mut page)?;
    Ok(page)
}
