//! What was typed becomes a plan: a plan file, hubs, or a list of hubs on stdin.

use std::path::Path;

use hubreach::audit::{Defaults, Plan, PlanError};

use super::{
    super::{args::AuditArgs, check, exit::Failure, signals::Signals},
    input,
};

pub fn read(args: &AuditArgs, signals: &Signals) -> Result<Plan, Failure> {
    let settings = check::settings(&args.how, &args.trust, &args.judgement);
    // What a report is signed for should hold when devices begin to send larger hellos, and for those that check revocation.
    let defaults = Defaults {
        choices: args.what.choices(),
        settings: hubreach::Settings { large_hello: true, companions: true, ..settings },
    };
    let plan = match args.hubs.as_slice() {
        [file] if is_plan(file) => from_file(Path::new(file), args, &defaults, signals)?,
        [stdin] if stdin == "-" => from_stdin(&defaults, signals)?,
        hubs => {
            if let Some(odd) = hubs.iter().find(|hub| is_plan(hub) || *hub == "-") {
                return Err(Failure::input(format!("{odd} must stand alone; type one plan file, hubs, or -")));
            }
            from_hubs(hubs, &defaults)?
        }
    };
    Ok(plan)
}

/// No hub's name ends so.
fn is_plan(word: &str) -> bool {
    Path::new(word).extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("toml"))
}

fn from_file(path: &Path, args: &AuditArgs, defaults: &Defaults, signals: &Signals) -> Result<Plan, Failure> {
    if let Some(option) = args.typed.first() {
        return Err(Failure::input(format!(
            "{option} does not go with a plan file; write it there as a key, below [defaults] or a [[target]]"
        )));
    }
    let text = input::read(path, signals)?.map_err(|error| {
        Failure::input(format!(
            "cannot read {}: {error}; give a plan in TOML, see `hubreach audit --help`",
            path.display()
        ))
    })?;
    let directory = path.parent().unwrap_or(Path::new(""));
    let plan = Plan::from_toml(&text, directory, defaults);
    let plan = plan.map_err(|error| Failure::input(format!("{}, {error}", path.display())))?;
    Ok(plan.in_file(path))
}

fn from_stdin(defaults: &Defaults, signals: &Signals) -> Result<Plan, Failure> {
    let text = input::read(Path::new("-"), signals)?
        .map_err(|error| Failure::input(format!("cannot read stdin: {error}; give a list of hubs, one a line")))?;
    // What follows # is a comment.
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let hubs = (1..).zip(lines).filter(|(_, hub)| !hub.is_empty());
    let plan = Plan::from_hubs(hubs, defaults).map_err(|error| Failure::input(format!("stdin, {error}")))?;
    match plan.targets.is_empty() {
        true => Err(Failure::input("stdin names no hub; give a list of hubs, one a line")),
        false => Ok(plan),
    }
}

fn from_hubs(hubs: &[String], defaults: &Defaults) -> Result<Plan, Failure> {
    let hubs = (1..).zip(hubs.iter().map(String::as_str));
    Plan::from_hubs(hubs, defaults)
        .map_err(|PlanError { line, message }| Failure::input(format!("hub {line}: {message}")))
}
