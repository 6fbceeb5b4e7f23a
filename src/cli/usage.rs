//! From `argv` to a command, and from clap's errors to one line that cannot hold a secret.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

use clap::{
    Arg, ArgAction, ArgMatches, Args, CommandFactory, FromArgMatches, Subcommand,
    builder::{FalseyValueParser, Resettable},
    error::{ContextKind, ContextValue, ErrorKind},
    parser::ValueSource,
};

use super::{
    args::{AuditArgs, Cli, Command},
    exit::{CliError, Status},
    file, help, output,
    redaction::secrets,
    stdout,
    suggestion::nearest,
};

/// The program's command line, where every option can come from the environment too: `--ws-path` from `HUBREACH_WS_PATH`.
fn whole() -> clap::Command {
    // Also where the file is called `hubreach.exe`.
    Cli::command()
        .bin_name("hubreach")
        .mut_args(from_environment)
        .mut_subcommands(|command| command.mut_args(from_environment))
}

/// An empty variable counts as one that is not set, and so does a flag that is set to no.
fn from_environment(arg: Arg) -> Arg {
    let long = arg.get_long().map(|long| format!("HUBREACH_{}", long.to_ascii_uppercase().replace('-', "_")));
    let declared = arg.get_env().and_then(OsStr::to_str).map(str::to_owned);
    let Some(name) = declared.or(long) else { return arg };
    let is_flag = matches!(arg.get_action(), ArgAction::SetTrue);
    let is_no = |value: &OsStr| {
        is_flag && ["0", "n", "no", "f", "false", "off"].iter().any(|no| value.eq_ignore_ascii_case(no))
    };
    match std::env::var_os(&name) {
        None => arg,
        Some(value) if value.is_empty() || is_no(&value) => arg.env(Resettable::Reset),
        Some(_) => {
            let is_shown = arg.get_env().is_some();
            let arg = if is_flag { arg.value_parser(FalseyValueParser::new()) } else { arg };
            // Help says the rule once. Clap keeps names for as long as the program runs.
            arg.env(&*name.leak()).hide_env(!is_shown).hide_env_values(true)
        }
    }
}

/// The command that was nearly typed.
pub fn meant_command(word: &str) -> Option<String> {
    let command = Cli::command();
    nearest(word, command.get_subcommands().map(clap::Command::get_name)).map(str::to_owned)
}

/// Reads `argv`; what has been said to the user already comes back as the status to leave with.
pub fn parse(argv: Vec<OsString>) -> Result<Cli, Status> {
    let first = command(&argv).filter(|word| !is_top_level(word)).and_then(OsStr::to_str).map(str::to_owned);
    let argv = with_default_command(argv);
    let is_short = argv.iter().any(|word| word == "-h");
    let whole = if is_short { help::in_short(whole()) } else { whole() };
    let matches = whole.try_get_matches_from(argv.clone());
    let cli = matches.and_then(|matches| {
        let mut cli = Cli::from_arg_matches(&matches)?;
        if let (Command::Audit(args), Some((_, matches))) = (&mut cli.command, matches.subcommand()) {
            args.typed = typed(matches);
        }
        cli.command.settle();
        Ok(cli)
    });
    cli.map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match stdout::print(&error.render().ansi().to_string()) {
            Ok(()) => Status::Met,
            Err(failure) => failure.status,
        },
        _ => {
            let name = command(&argv).map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let misspelt = first.filter(|word| !word.starts_with('-')).and_then(|word| meant_command(&word));
            let failure = CliError::input(match misspelt {
                Some(meant) => {
                    format!("no command is called so; did you mean: hubreach {meant}? See `hubreach --help`")
                }
                None => one_line(&error, &name, secrets(argv).next().is_some()),
            });
            output::report_error(&failure);
            failure.status
        }
    })
}

/// The options on the command line that are about single targets.
fn typed(matches: &ArgMatches) -> Vec<String> {
    const OF_ALL: [&str; 7] = ["hubs", "jobs", "baseline", "format", "output", "quiet", "verbose"];
    let command = AuditArgs::augment_args(clap::Command::new("audit"));
    let of_targets = command.get_arguments().filter(|arg| !OF_ALL.contains(&arg.get_id().as_str()));
    let given = of_targets.filter(|arg| matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine));
    given.filter_map(|arg| Some(format!("--{}", arg.get_long()?))).collect()
}

/// `hubreach <HUB>` is `hubreach check <HUB>`, `hubreach <REPORT>` is `hubreach diagnose <REPORT>`.
pub fn with_default_command(mut argv: Vec<OsString>) -> Vec<OsString> {
    if !command(&argv).is_some_and(is_top_level) {
        let file =
            command(&argv).and_then(OsStr::to_str).filter(|word| Path::new(word).is_file() && file::is_meant(word));
        let default = match file {
            Some(report) if file::is_report(report) => "diagnose",
            Some(_) => "audit",
            None => "check",
        };
        argv.insert(1.min(argv.len()), default.into());
    }
    argv
}

/// Whether `hubreach health` was typed, rightly or wrongly.
pub fn is_health(argv: &[OsString]) -> bool {
    command(argv).is_some_and(|word| word == "health")
}

/// The first word that says more than how much is told, and in what colours.
pub fn command(argv: &[OsString]) -> Option<&OsStr> {
    let is_volume = |word: &str| {
        let flags = word.strip_prefix('-').filter(|flags| !flags.is_empty());
        matches!(word, "--quiet" | "--verbose")
            || word.starts_with("--color=")
            || flags.is_some_and(|flags| flags.chars().all(|flag| matches!(flag, 'q' | 'v')))
    };
    let mut words = argv.iter().skip(1).map(OsString::as_os_str);
    loop {
        match words.next()? {
            word if word == "--color" => drop(words.next()),
            word if word.to_str().is_some_and(is_volume) => {}
            word => return Some(word),
        }
    }
}

/// A command's name, or an option that only the program itself has.
fn is_top_level(word: &OsStr) -> bool {
    word.to_str().is_some_and(|word| {
        matches!(word, "help" | "-h" | "--help" | "-V" | "--version") || Command::has_subcommand(word)
    })
}

/// What is wrong and what to type instead. Where a secret may be about, nothing that was typed is quoted.
fn one_line(error: &clap::Error, command: &str, secret: bool) -> String {
    if secret {
        // For these kinds clap names the option as it is declared, not as it was typed.
        let declared = matches!(
            error.kind(),
            ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::ArgumentConflict | ErrorKind::NoEquals
        );
        let option = match error.get(ContextKind::InvalidArg) {
            Some(ContextValue::String(option)) if declared => format!(" in {option}"),
            _ => String::new(),
        };
        let what = error.kind().as_str().unwrap_or("not understood");
        return format!("{what}{option} (not shown: it may hold a secret); see `hubreach {command} --help`");
    }
    let text = error.render().to_string();
    let mut parts: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.starts_with("Usage:") || line.starts_with("For more information") {
            break;
        }
        let part = line.trim_start_matches("error: ").trim_start_matches("tip: ");
        // No value that is typed here begins with a dash: after `--` it would be taken for a hub.
        if !part.starts_with("to pass '-") {
            parts.push(part);
        }
    }
    let line = parts.join("; ").replace(":; ", ": ");
    let line =
        match line.split_once("[possible values: ").and_then(|(before, rest)| Some((before, rest.split_once(']')?))) {
            Some((before, (values, after))) => format!("{before}use one of: {values}{after}"),
            None => line,
        };
    match error.kind() {
        ErrorKind::UnknownArgument if is_another_hub(error, command) => {
            format!("{line}; one hub is checked at a time, `hubreach audit` takes many: see `hubreach audit --help`")
        }
        ErrorKind::UnknownArgument | ErrorKind::MissingRequiredArgument => {
            format!("{line}; see `hubreach {command} --help`")
        }
        ErrorKind::InvalidSubcommand => format!("{line}; see `hubreach --help`"),
        _ => line,
    }
}

/// Whether a second hub was typed for a command that takes one.
fn is_another_hub(error: &clap::Error, command: &str) -> bool {
    let argument = error.get(ContextKind::InvalidArg);
    let is_a_word = matches!(argument, Some(ContextValue::String(word)) if !word.starts_with('-'));
    is_a_word && matches!(command, "check" | "health" | "trace")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(Into::into).collect()
    }

    #[test]
    fn check_is_the_default_command() {
        for (typed, meant) in [
            ("hubreach", "hubreach check"),
            ("hubreach a.example -v", "hubreach check a.example -v"),
            ("hubreach -qv --require all a.example", "hubreach check -qv --require all a.example"),
            ("hubreach -v demo", "hubreach -v demo"),
            ("hubreach --color never demo", "hubreach --color never demo"),
            ("hubreach --color=never -q demo", "hubreach --color=never -q demo"),
            ("hubreach --color never a.example", "hubreach check --color never a.example"),
            ("hubreach --help", "hubreach --help"),
            ("hubreach check demo", "hubreach check demo"),
        ] {
            assert_eq!(with_default_command(words(typed)), words(meant), "{typed}");
        }
    }

    #[test]
    fn the_declarations_are_sound() {
        Cli::command().debug_assert();
    }
}
