//! `hubreach completions`: for a shell.

mod candidates;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use self::candidates::{Candidates, candidates};
use super::{
    args::{CheckArgs, Cli, CompletionsArgs},
    exit::{CliError, Status},
    stdout,
};

/// Scripts that ask this program what a word can be: only it knows that a hub's name stands for `check`, and where files are meant.
const ASKING: [(Shell, &str); 3] = [
    (Shell::Bash, include_str!("hubreach.bash")),
    (Shell::Zsh, include_str!("hubreach.zsh")),
    (Shell::Fish, include_str!("hubreach.fish")),
];

pub fn run(args: &CompletionsArgs) -> Result<Status, CliError> {
    let text = match &args.words {
        Some(words) => answer(&candidates(words)),
        None => script(args.shell),
    };
    stdout::raw(text.as_bytes())?;
    Ok(Status::Met)
}

fn script(shell: Shell) -> String {
    if let Some((_, script)) = ASKING.iter().find(|(asking, _)| *asking == shell) {
        return (*script).to_owned();
    }
    // `check` is the default command: its options complete without its name, too.
    let mut command = CheckArgs::augment_args(Cli::command());
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "hubreach", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// A line each, as the scripts read them: a word, a tab, what it is. No word begins with a colon.
fn answer(candidates: &Candidates) -> String {
    match candidates {
        Candidates::Words(words) => words.iter().map(|(word, about)| format!("{word}\t{about}\n")).collect(),
        Candidates::Files => ":files\n".to_owned(),
        Candidates::Directories => ":directories\n".to_owned(),
    }
}
