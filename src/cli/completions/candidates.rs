//! What a word on the command line can be completed to: read off the commands as they are declared.

use std::{ffi::OsString, iter::once};

use clap::{Arg, ArgAction, Command, CommandFactory, ValueHint};

use super::super::{args::Cli, usage, values};

/// What can stand where the cursor is.
#[derive(Debug, PartialEq, Eq)]
pub enum Candidates {
    /// These words, each with what it is.
    Words(Vec<(String, String)>),
    /// The name of a file.
    Files,
    /// The name of a directory.
    Directories,
}

/// The candidates for the last of `words`, which follow the program's name.
pub fn candidates(words: &[OsString]) -> Candidates {
    let Some((typed, before)) = words.split_last() else { return Candidates::Words(Vec::new()) };
    let typed = typed.to_string_lossy();
    let mut whole = Cli::command();
    // Options that all commands have become theirs, and `help` gets its commands.
    whole.build();
    let argv: Vec<OsString> = once(&OsString::from("hubreach")).chain(before).cloned().collect();
    let is_first = usage::command(&argv).is_none();
    let mut cursor = Cursor::at(&whole);
    let argv = if is_first { argv } else { usage::with_default_command(argv) };
    argv.iter().skip(1).for_each(|word| cursor.pass(&word.to_string_lossy()));
    let is_option = is_first && cursor.pending.is_none() && typed.starts_with('-');
    if is_option {
        // The options of the default command need not wait for its hub.
        cursor.pass("check");
    }
    match cursor.candidates(&typed) {
        // What only the program itself has.
        Candidates::Words(mut words) if is_option => {
            let own: Vec<_> = whole.get_arguments().filter_map(option).filter(|own| !words.contains(own)).collect();
            words.extend(own);
            beginning_with(&typed, words)
        }
        candidates => candidates,
    }
}

/// How far the words have been read.
struct Cursor<'a> {
    command: &'a Command,
    /// The option that the next word is the value of.
    pending: Option<&'a Arg>,
    options: Vec<&'a str>,
    positionals: usize,
    /// After `--` no word is an option.
    is_literal: bool,
}

impl<'a> Cursor<'a> {
    fn at(command: &'a Command) -> Self {
        Self { command, pending: None, options: Vec::new(), positionals: 0, is_literal: false }
    }

    fn pass(&mut self, word: &str) {
        if self.pending.take().is_some() {
            return;
        }
        match word.strip_prefix("--").filter(|_| !self.is_literal) {
            Some("") => self.is_literal = true,
            Some(option) => {
                let (name, value) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
                if let Some(option) = self.option(name) {
                    self.options.push(option.get_id().as_str());
                    self.pending = Some(option).filter(|option| value.is_none() && takes_value(option));
                }
            }
            // None of those of one letter takes a value.
            None if !self.is_literal && word.len() > 1 && word.starts_with('-') => {}
            None => match self.command.find_subcommand(word).filter(|_| self.positionals == 0) {
                Some(command) => self.command = command,
                None => self.positionals += 1,
            },
        }
    }

    fn candidates(&self, typed: &str) -> Candidates {
        if let Some(option) = self.pending {
            return values_of(option, "", typed);
        }
        if !self.is_literal && typed.starts_with('-') {
            return match typed.trim_start_matches('-').split_once('=') {
                Some((name, value)) => {
                    self.option(name).map_or_else(none, |option| values_of(option, &format!("--{name}="), value))
                }
                None => beginning_with(typed, self.options_left()),
            };
        }
        if self.positionals == 0 && self.command.has_subcommands() {
            return beginning_with(typed, commands(self.command));
        }
        let positionals: Vec<&Arg> = self.command.get_positionals().filter(|arg| !arg.is_hide_set()).collect();
        let repeated = positionals.last().filter(|last| is_repeated(last));
        positionals.get(self.positionals).or(repeated).map_or_else(none, |arg| values_of(arg, "", typed))
    }

    fn option(&self, name: &str) -> Option<&'a Arg> {
        self.command.get_arguments().find(|arg| arg.get_long() == Some(name))
    }

    fn options_left(&self) -> Vec<(String, String)> {
        let is_left = |arg: &&Arg| is_repeated(arg) || !self.options.contains(&arg.get_id().as_str());
        self.command.get_arguments().filter(is_left).filter_map(option).collect()
    }
}

fn none() -> Candidates {
    Candidates::Words(Vec::new())
}

fn beginning_with(typed: &str, mut words: Vec<(String, String)>) -> Candidates {
    words.retain(|(word, _)| word.starts_with(typed));
    Candidates::Words(words)
}

fn commands(command: &Command) -> Vec<(String, String)> {
    let shown = command.get_subcommands().filter(|command| !command.is_hide_set());
    shown.map(|command| (command.get_name().to_owned(), one_line(command.get_about()))).collect()
}

fn option(arg: &Arg) -> Option<(String, String)> {
    let long = arg.get_long().filter(|_| !arg.is_hide_set())?;
    Some((format!("--{long}"), one_line(arg.get_help())))
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

fn is_repeated(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append | ArgAction::Count)
}

/// The values of `arg` that begin with what was `typed`, each behind what stands `before` it in the same word.
fn values_of(arg: &Arg, before: &str, typed: &str) -> Candidates {
    match arg.get_value_hint() {
        ValueHint::AnyPath | ValueHint::FilePath => return Candidates::Files,
        ValueHint::DirPath => return Candidates::Directories,
        _ => {}
    }
    let (list, typed) = match typed.rfind(',').filter(|_| is_list(arg)) {
        Some(comma) => typed.split_at(comma + 1),
        None => ("", typed),
    };
    let is_new = |word: &str| {
        list.is_empty() || !list.split(',').any(|taken| taken == word) && !values::WHOLE_REQUIREMENTS.contains(&word)
    };
    let values = arg.get_possible_values();
    let new = values.iter().filter(|value| !value.is_hide_set()).filter(|value| is_new(value.get_name()));
    let shown = new.filter(|value| value.get_name().starts_with(typed));
    let words = shown.map(|value| (format!("{before}{list}{}", value.get_name()), one_line(value.get_help())));
    Candidates::Words(words.collect())
}

/// Whether commas stand between several values. A requirement reads its list itself.
fn is_list(arg: &Arg) -> bool {
    arg.get_value_delimiter() == Some(',') || arg.get_id() == "require"
}

fn one_line(help: Option<&clap::builder::StyledStr>) -> String {
    help.map(|help| help.to_string().replace(['\n', '\t'], " ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The candidates for the word at the end of `line`; files as `:files`.
    fn offered(line: &str) -> String {
        let words: Vec<OsString> = line.split(' ').map(Into::into).collect();
        match candidates(&words) {
            Candidates::Words(words) => words.into_iter().map(|(word, _)| word).collect::<Vec<_>>().join(" "),
            Candidates::Files => ":files".to_owned(),
            Candidates::Directories => ":directories".to_owned(),
        }
    }

    #[test]
    fn what_fits_is_offered_and_nothing_else() {
        for (line, wanted) in [
            ("", "check health audit trace diagnose diff explain serve exporter demo completions man help"),
            ("di", "diagnose diff"),
            ("-q di", "diagnose diff"),
            ("help di", "diagnose diff"),
            ("contoso.example ", ""),
            ("check ", ""),
            ("audit ", ":files"),
            ("audit a.example ", ":files"),
            ("diff ", ":files"),
            ("diff before.json ", ":files"),
            ("diff before.json after.json ", ""),
            ("exporter ", ""),
            ("serve ", ""),
            ("demo ", ""),
            ("completions ", "bash elvish fish powershell zsh"),
            ("explain silent-d", "silent-drop"),
            ("explain silent-drop ", ""),
            ("man --dir ", ":directories"),
            ("--ver", "--verbose --version"),
            ("a.example --ver", "--verbose"),
            ("a.example --re", "--resolver --require"),
            ("--require any a.example --re", "--resolver"),
            ("check -- --re", ""),
            ("trace --n", "--names"),
            ("trace --output ", ":files"),
            ("--output=", ":files"),
            ("--protocol ", "mqtt amqp https mqtt-ws amqp-ws"),
            ("--protocol=mqtt,am", "--protocol=mqtt,amqp --protocol=mqtt,amqp-ws"),
            ("--protocol amqp,am", "amqp,amqp-ws"),
            ("health --require a", "any all amqp amqp-ws"),
            ("health --require mqtt,a", "mqtt,amqp mqtt,amqp-ws"),
            ("exporter --require n", "none"),
            ("audit --port mqtt", "mqtt= mqtt-ws="),
            ("serve --port ", "mqtt= amqp= https="),
            ("trace --format ", "human json html"),
            ("--color ", "auto always never"),
            ("--color never expl", "explain"),
            ("--color=n", "--color=never"),
            ("--timeout ", ""),
            ("--nonsense=", ""),
        ] {
            assert_eq!(offered(line), wanted, "{line:?}");
        }
    }
}
