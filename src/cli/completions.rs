//! `hubreach completions`: for a shell.

use clap::{Args, CommandFactory};

use super::{
    args::{CheckArgs, Cli, CompletionsArgs},
    exit::{Failure, Status},
    output,
};

pub fn run(args: &CompletionsArgs) -> Result<Status, Failure> {
    // `check` is the default command: its options complete without its name, too.
    let mut command = CheckArgs::augment_args(Cli::command());
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "hubreach", &mut script);
    output::raw(&script)?;
    Ok(Status::Met)
}
