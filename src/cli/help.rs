//! Help in two sizes: `--help` has all options in sections, `-h` those that people use, on one screen.

use clap::{Arg, Command};

/// What people use, and what makes a command what it is: all else `-h` leaves to `--help`.
const OFTEN: [&str; 14] = [
    "hub", "hubs", "protocol", "kind", "port", "address", "timeout", "ca", "require", "format", "output", "allow",
    "listen", "baseline",
];
/// A command with no more options than these shows all of them.
const FEW: usize = 12;
/// Commands that are needed once, if at all.
const SELDOM: [&str; 2] = ["completions", "man"];

/// What there is to type, in no more rows than a screen has.
const TEMPLATE: &str = "{about}\n\n{usage-heading} {usage}\n\nCommands:\n{subcommands}\n\n{options}{after-help}";

/// The whole command line, with the help that `-h` prints.
pub fn in_short(whole: Command) -> Command {
    let without_sections = whole.mut_args(|arg| arg.help_heading(None::<&str>));
    let without_color = without_sections.mut_arg("color", |color| color.hide_short_help(true));
    let all = "`hubreach check -h` has the options of a check, `hubreach --help` says more.";
    without_color
        .mut_subcommands(below)
        .override_usage("hubreach <HUB> [OPTIONS], or hubreach <COMMAND> [OPTIONS]")
        .help_template(TEMPLATE)
        .after_help(all)
}

fn below(command: Command) -> Command {
    let has_few = command.get_arguments().count() <= FEW;
    let name = command.get_name().to_owned();
    let shown = |arg: Arg| match OFTEN.contains(&arg.get_id().as_str()) {
        _ if has_few => arg.help_heading(None::<&str>),
        true => arg.hide_env(true).hide_possible_values(true).help_heading(None::<&str>),
        false => arg.hide_short_help(true),
    };
    let more = match (has_few, command.get_after_help()) {
        (false, _) => Some(format!("`hubreach {name} --help` lists all options, with examples.")),
        (true, Some(_)) => Some(format!("`hubreach {name} --help` says more, with examples.")),
        (true, None) => None,
    };
    let command = command.mut_args(shown).hide(SELDOM.contains(&name.as_str()));
    match more {
        Some(more) => command.after_help(more),
        None => command,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::CommandFactory;

    use super::{super::args::Cli, *};

    /// The order of sections, everywhere.
    const SECTIONS: [&str; 7] =
        ["Service", "Certificate", "What to test", "How to test", "Trust", "Judgement", "Output"];

    /// Every command, with the options that it has from above.
    fn commands(mut whole: Command) -> Vec<Command> {
        whole.build();
        let below = whole.get_subcommands().filter(|command| command.get_name() != "help").cloned();
        below.chain([whole.clone()]).collect()
    }

    #[test]
    fn sections_stand_in_one_order() {
        for command in commands(Cli::command()) {
            let mut sections: Vec<&str> = Vec::new();
            for option in command.get_arguments().filter(|arg| arg.get_long().is_some()) {
                match option.get_help_heading() {
                    Some(section) if !sections.contains(&section) => sections.push(section),
                    Some(_) => {}
                    None => assert!(
                        ["help", "version"].contains(&option.get_id().as_str()),
                        "{}: {option} has no section",
                        command.get_name()
                    ),
                }
            }
            let mut ordered = sections.clone();
            ordered.sort_by_key(|section| SECTIONS.iter().position(|known| known == section).expect(section));
            assert_eq!(sections, ordered, "{}", command.get_name());
        }
    }

    /// The options in the order in which a help screen has them.
    fn listed(help: &str) -> Vec<&str> {
        let lines = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
        let names = lines.filter_map(|line| line.split([' ', ',']).find(|word| word.starts_with("--")));
        names.filter(|name| !["--help", "--version"].contains(name)).collect()
    }

    #[test]
    fn both_sizes_have_one_order_and_the_short_one_no_sections() {
        for (mut short, mut long) in commands(in_short(Cli::command())).into_iter().zip(commands(Cli::command())) {
            let (short, long) = (short.render_help().to_string(), long.render_long_help().to_string());
            assert!(!SECTIONS.iter().any(|section| short.contains(&format!("\n{section}:\n"))), "{short}");
            let mut rest = listed(&long).into_iter();
            for name in listed(&short) {
                assert!(rest.any(|next| next == name), "{name} stands elsewhere:\n{short}\n{long}");
            }
        }
    }

    #[test]
    fn one_name_has_one_form_and_one_thing_one_name() {
        let mut forms: BTreeMap<String, (Option<char>, Vec<String>, bool)> = BTreeMap::new();
        let mut having: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for command in commands(Cli::command()) {
            for option in command.get_arguments() {
                let Some(long) = option.get_long() else { continue };
                let values = option.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect();
                let form = (option.get_short(), values, !option.get_default_values().is_empty());
                let known = forms.entry(long.to_owned()).or_insert_with(|| form.clone());
                // A health check has a deadline by default, for the engine has one.
                assert!(*known == form || long == "timeout", "--{long} of {}: {form:?}", command.get_name());
                having.entry(long.to_owned()).or_default().push(command.get_name().to_owned());
            }
        }
        let reports = &["check", "audit", "trace", "diagnose", "diff"][..];
        let hubs = &["check", "health", "audit", "serve", "exporter"];
        for (name, commands) in [
            ("format", reports),
            ("json", reports),
            ("output", reports),
            ("ws-path", hubs),
            ("listen", &["serve", "exporter"]),
        ] {
            assert_eq!(having[name], commands, "--{name}");
        }
    }
}
