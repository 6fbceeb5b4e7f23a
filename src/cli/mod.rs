//! The command line: one file a command, and the only place that prints.

mod args;
mod audit;
mod check;
mod completions;
mod demo;
mod diagnose;
mod diff;
mod event_stream;
mod exit;
mod explain;
mod exporter;
mod file;
mod health;
mod help;
mod hints;
mod interruptible;
mod logging;
mod man;
mod output;
mod printer;
mod progress;
mod prompt;
mod reader_watch;
mod redaction;
mod routing;
mod saved;
mod screen;
mod serve;
mod service;
mod settings;
mod signal;
mod signals;
mod stderr;
mod stdout;
mod suggestion;
mod topic;
mod trace;
mod usage;
mod value_parser;
mod values;
mod window;

use std::{ffi::OsString, future::Future};

pub use exit::leave;

use self::{
    args::Command,
    exit::{CliError, Status},
};

/// Does what `argv` asks for.
pub fn run(argv: Vec<OsString>) -> Status {
    let (is_health, is_window) = (usage::is_health(&argv), window::is_ours(&argv));
    let status = run_any(argv);
    stderr::flush();
    if is_window {
        window::keep_open();
    }
    if is_health { status.of_health() } else { status }
}

fn run_any(argv: Vec<OsString>) -> Status {
    let cli = match usage::parse(argv) {
        Ok(cli) => cli,
        Err(status) => return status,
    };
    cli.verbosity.color.choose();
    let done = logging::start(&cli.verbosity).and_then(|()| match cli.command {
        Command::Check(args) => check::run(&args, &cli.verbosity),
        Command::Audit(args) => audit::run(&args, &cli.verbosity),
        Command::Health(args) => health::run(&args),
        Command::Trace(args) => trace::run(&args, &cli.verbosity),
        Command::Diagnose(args) => diagnose::run(&args, &cli.verbosity),
        Command::Diff(args) => diff::run(&args, &cli.verbosity),
        Command::Explain(args) => explain::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Exporter(args) => exporter::run(&args, &cli.verbosity),
        Command::Demo => demo::run(&cli.verbosity),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    });
    done.unwrap_or_else(|failure| {
        output::report_error(&failure);
        failure.status
    })
}

/// Runs `work` on this thread. What blocks on threads of its own may outlive it: [`leave`] ends it.
fn block_on<T>(work: impl Future<Output = T>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        CliError::lacking(&error)
            .unwrap_or_else(|| CliError::cannot_run(format!("internal fault: {error}; please report it")))
    })?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    Ok(done)
}
