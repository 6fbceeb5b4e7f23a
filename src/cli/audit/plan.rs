//! What was typed becomes a plan: a plan file, hubs, or a list of hubs on stdin.

use std::{io, path::Path};

use hubreach::audit::{Defaults, Plan, PlanError};

use super::super::{
    args::AuditArgs, exit::CliError, file, hints, interruptible, routing::routing, settings, signals::Signals,
};

/// Far above any plan, in bytes.
const MAX_SIZE: u64 = 16 * 1024 * 1024;

pub fn read(args: &AuditArgs, signals: &Signals) -> Result<Plan, CliError> {
    let mut settings = settings::settings(&args.probe, &args.trust, &args.judgement);
    // What a report is signed for should hold when devices begin to send larger hellos, and for those that check revocation.
    (settings.large_hello, settings.companions) = (true, true);
    let defaults = Defaults { options: args.what.options(), settings, routing: routing(&args.routes)?.into() };
    let plan = match args.hubs.as_slice() {
        [file] if is_plan(file) => from_file(Path::new(file), args, &defaults, signals)?,
        [stdin] if stdin == "-" => from_list(Path::new("-"), &defaults, signals)?,
        [list] if file::is_meant(list) => from_list(Path::new(list), &defaults, signals)?,
        hubs => {
            if let Some(odd) = hubs.iter().find(|hub| is_plan(hub) || *hub == "-" || file::is_meant(hub)) {
                return Err(CliError::input(format!(
                    "{odd} must stand alone; type one plan file, one list, hubs, or -"
                )));
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

fn from_file(path: &Path, args: &AuditArgs, defaults: &Defaults, signals: &Signals) -> Result<Plan, CliError> {
    if let Some(option) = args.typed.first() {
        return Err(CliError::input(format!(
            "{option} does not go with a plan file; write it there as a key, below [defaults] or a [[target]]"
        )));
    }
    let text = interruptible::read(path, signals, text)?.map_err(|error| {
        CliError::input(format!(
            "cannot read {}: {error}; give a plan in TOML, see `hubreach audit --help`",
            path.display()
        ))
    })?;
    let directory = path.parent().unwrap_or(Path::new(""));
    let plan = Plan::from_toml(&text, directory, defaults);
    let plan = plan.map_err(|error| at_line(&path.display().to_string(), &error))?;
    Ok(plan.in_file(path))
}

/// Hubs, one a line.
fn from_list(path: &Path, defaults: &Defaults, signals: &Signals) -> Result<Plan, CliError> {
    let name = if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() };
    if path.to_str().is_some_and(file::is_report) {
        return Err(CliError::input(format!(
            "{name} is no list of hubs; if it is a report, type: hubreach diagnose {name}"
        )));
    }
    let text = interruptible::read(path, signals, text)?
        .map_err(|error| CliError::input(format!("cannot read {name}: {error}; give a list of hubs, one a line")))?;
    // What follows # is a comment.
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let hubs = (1..).zip(lines).filter(|(_, hub)| !hub.is_empty());
    let plan = Plan::from_hubs(hubs, defaults).map_err(|error| at_line(&name, &error))?;
    match plan.targets.is_empty() {
        true => Err(CliError::input(format!("{name} names no hub; give a list of hubs, one a line"))),
        false => Ok(plan),
    }
}

fn text(path: &Path) -> io::Result<String> {
    file::read(path, MAX_SIZE)
}

fn from_hubs(hubs: &[String], defaults: &Defaults) -> Result<Plan, CliError> {
    let hubs = (1..).zip(hubs.iter().map(String::as_str));
    let plan = Plan::from_hubs(hubs, defaults);
    plan.map_err(|error| CliError::input(format!("hub {}: {}", error.line, hints::plan(&error))))
}

fn at_line(file: &str, error: &PlanError) -> CliError {
    CliError::input(format!("{file}, line {}: {}", error.line, hints::plan(error)))
}
