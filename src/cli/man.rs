//! `hubreach man`: the manual pages.

use clap::{Args, CommandFactory};
use clap_mangen::Man;

use super::{
    args::{CheckArgs, Cli, ManArgs},
    exit::{Failure, Status},
    output,
};

pub fn run(args: &ManArgs) -> Result<Status, Failure> {
    match &args.dir {
        Some(dir) => clap_mangen::generate_to(Cli::command(), dir).map_err(|error| {
            Failure::cannot_run(format!("cannot write to {}: {error}; give an existing directory", dir.display()))
        })?,
        None => {
            // `check` is the default command: the main page has its options.
            let mut page = Vec::new();
            let rendered = Man::new(CheckArgs::augment_args(Cli::command())).render(&mut page);
            rendered.map_err(|error| Failure::cannot_run(error.to_string()))?;
            output::raw(&page)?;
        }
    }
    Ok(Status::Met)
}
