//! What can be typed.

mod examples;
mod groups;

use std::{ffi::OsString, num::NonZeroUsize, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueHint};
use hubreach::{
    audit,
    exporter::{self, HubPattern},
    hub::{Depth, Protocol, Requirement},
    responder::WsPath,
};

pub use self::groups::{Addresses, Endpoints, JudgingArgs, Output, ProbeArgs, RouteArgs, TargetArgs, Trust};
use super::{
    topic::Topic,
    values::{self, Color, DiffFormat, Listen, TraceFormat},
};

/// `--version` says whose resolver looks names up: the C library's, and musl's differs from glibc's.
const LONG_VERSION: &str = if cfg!(target_env = "musl") {
    concat!(env!("CARGO_PKG_VERSION"), " (names by musl's resolver)")
} else if cfg!(target_env = "gnu") && cfg!(target_os = "linux") {
    concat!(env!("CARGO_PKG_VERSION"), " (names by glibc's resolver)")
} else {
    concat!(env!("CARGO_PKG_VERSION"), " (names by the system's resolver)")
};

/// Which protocols of an IoT hub get out of this network, and what stops the rest?
#[derive(Debug, Parser)]
#[command(name = "hubreach", version, long_version = LONG_VERSION, max_term_width = 80, after_help = examples::TOP)]
#[command(override_usage = "hubreach <HUB> [OPTIONS]\n       hubreach <COMMAND> [OPTIONS]")]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub verbosity: Verbosity,
}

// How much is said on stderr. No doc comment: clap would make it the description of the commands that flatten it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Verbosity {
    /// No progress and no notes on stderr, only errors
    #[arg(short, long, global = true, display_order = 900, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Tell every cause whole, and what was measured
    ///
    /// HUBREACH_LOG=debug tells on stderr what happens underneath
    #[arg(short, long, global = true, display_order = 901, overrides_with = "verbose")]
    pub verbose: bool,
    /// Colours: as the terminal and NO_COLOR have it, or always, or never
    #[arg(long, global = true, display_order = 902, value_name = "WHEN", default_value = "auto")]
    #[arg(hide_possible_values = true)]
    pub color: Color,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Test every protocol of a hub and explain what fails (the default)
    Check(Box<CheckArgs>),
    /// One line, fast, quiet: for a container's health check
    Health(Box<HealthArgs>),
    /// Test many hubs at once, by a plan file or a list; reports to sign
    Audit(Box<AuditArgs>),
    /// Where on the path each port is stopped, side by side
    Trace(Box<TraceArgs>),
    /// Judge a saved report again, with no network
    Diagnose(DiagnoseArgs),
    /// What changed between two saved reports
    Diff(DiffArgs),
    /// What a finding means, how it is proved, who fixes it, and how
    Explain(ExplainArgs),
    /// Answer like a hub: audit a network before the hub exists
    Serve(ServeArgs),
    /// Metrics of hubs for Prometheus, a check at each scrape
    Exporter(Box<ExporterArgs>),
    /// A hub and a troubled network on loopback, then a check of it
    Demo,
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    Man(ManArgs),
}

impl Command {
    /// What is short for something else becomes that.
    pub fn settle(&mut self) {
        match self {
            Self::Check(args) => args.output.settle(),
            Self::Audit(args) => args.output.settle(),
            Self::Diagnose(args) => args.output.settle(),
            Self::Trace(args) if args.json => args.format = TraceFormat::Json,
            Self::Diff(args) if args.json => args.format = DiffFormat::Json,
            _ => {}
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = examples::CHECK)]
pub struct CheckArgs {
    /// The hub's hostname, IP address, URL or connection string
    #[arg(env = "HUBREACH_HUB", hide_env_values = true)]
    pub hub: Option<String>,
    #[command(flatten)]
    pub what: TargetArgs,
    #[command(flatten)]
    pub probe: ProbeArgs,
    /// Where all is well, also try a TLS hello as large as post-quantum key exchange makes it, as audits do
    #[arg(long, help_heading = "How to test")]
    pub large_hello: bool,
    /// Also ask the hosts that the hub's certificates name for revocation (CRL and OCSP, mostly on port 80), as audits do; where
    /// the kind of hub needs further hosts, test these too, and print the report of an audit
    #[arg(long, help_heading = "How to test", conflicts_with = "no_experiments")]
    pub companions: bool,
    #[command(flatten)]
    pub routes: RouteArgs,
    #[command(flatten)]
    pub trust: Trust,
    #[command(flatten)]
    pub judgement: JudgingArgs,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = examples::HEALTH)]
#[command(mut_arg("timeout", |timeout| timeout.default_value("12s").help("Deadline, below that of the engine; 100ms to 1h").long_help(None::<&str>)))]
pub struct HealthArgs {
    /// The hub's hostname, IP address, URL or connection string
    #[arg(env = "HUBREACH_HUB", hide_env_values = true)]
    pub hub: Option<String>,
    #[command(flatten)]
    pub what: TargetArgs,
    #[command(flatten)]
    pub probe: Addresses,
    /// How far to go at every probe, and how much of the hub is bothered: connect and tls leave nothing but a connection
    /// in its logs, exchange a refused login
    #[arg(
        long,
        env = "HUBREACH_DEPTH",
        hide_env_values = true,
        default_value = "exchange",
        value_parser = values::depths(),
        help_heading = "How to test"
    )]
    pub depth: Depth,
    /// Find out why, where something fails; takes longer
    #[arg(long, help_heading = "How to test")]
    pub experiments: bool,
    #[command(flatten)]
    pub routes: RouteArgs,
    #[command(flatten)]
    pub trust: Trust,
    /// What must be allowed to be healthy
    ///
    /// any, all, or a list such as mqtt,https
    #[arg(long, value_name = "SPEC", env = "HUBREACH_REQUIRE", hide_env_values = true, default_value = "any")]
    #[arg(value_parser = values::requirements(), hide_possible_values = true, help_heading = "Judgement")]
    pub require: Requirement,
}

#[derive(Debug, Args)]
#[command(after_help = examples::AUDIT)]
pub struct AuditArgs {
    /// Hubs, or a plan file, or a list with a hub a line
    ///
    /// The list is a file, or - for stdin
    #[arg(value_name = "PLAN.toml|HUB", required = true, value_hint = ValueHint::FilePath)]
    pub hubs: Vec<String>,
    /// Options of single targets, as they were typed on the command line: a plan file has keys for them.
    #[arg(skip)]
    pub typed: Vec<String>,
    #[command(flatten)]
    pub what: TargetArgs,
    #[command(flatten)]
    pub probe: ProbeArgs,
    /// How many targets are tested at a time
    #[arg(long, value_name = "N", default_value_t = audit::JOBS, value_parser = values::count, help_heading = "How to test")]
    pub jobs: NonZeroUsize,
    #[command(flatten)]
    pub routes: RouteArgs,
    #[command(flatten)]
    pub trust: Trust,
    #[command(flatten)]
    pub judgement: JudgingArgs,
    #[command(flatten)]
    pub output: Output,
    /// Tell what changed since the audit in this file
    ///
    /// It wrote the file with --output FILE.json
    #[arg(long, value_name = "FILE.json", help_heading = "Output")]
    pub baseline: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = examples::TRACE)]
pub struct TraceArgs {
    /// The hub's hostname, IP address, URL or connection string
    #[arg(env = "HUBREACH_HUB", hide_env_values = true)]
    pub hub: Option<String>,
    #[command(flatten)]
    pub what: Endpoints,
    #[command(flatten)]
    pub probe: Addresses,
    /// How to print the paths on stdout
    #[arg(long, default_value = "human", help_heading = "Output")]
    pub format: TraceFormat,
    /// Short for --format json
    #[arg(long, overrides_with = "format", help_heading = "Output")]
    pub json: bool,
    /// Also write them to this file, as its suffix says
    ///
    /// The suffixes are .txt, .json and .html; may be repeated
    #[arg(long, value_name = "FILE", value_parser = values::trace_output, help_heading = "Output")]
    pub output: Vec<PathBuf>,
    /// Ask reverse DNS for the routers' names
    #[arg(long, help_heading = "Output")]
    pub names: bool,
}

#[derive(Debug, Args)]
pub struct DiagnoseArgs {
    /// A report in JSON, as `hubreach check --output FILE.json` writes it; - reads stdin
    pub file: PathBuf,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = examples::DIFF)]
pub struct DiffArgs {
    /// The report from before, in JSON; - reads stdin
    pub before: PathBuf,
    /// The report from after
    pub after: PathBuf,
    /// How to print the difference on stdout
    #[arg(long, default_value = "human", help_heading = "Output")]
    pub format: DiffFormat,
    /// Short for --format json
    #[arg(long, overrides_with = "format", help_heading = "Output")]
    pub json: bool,
    /// Also write it to this file, as its suffix says
    ///
    /// The suffixes are .txt, .json and .md; may be repeated
    #[arg(long, value_name = "FILE", value_parser = values::diff_output, help_heading = "Output")]
    pub output: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A finding's code, such as silent-drop, or a verdict, such as declined [default: list every code]
    #[arg(value_parser = values::topics(), hide_possible_values = true)]
    pub code: Option<Topic>,
    /// List every code
    #[arg(long, help_heading = "Output", conflicts_with = "code")]
    pub list: bool,
    /// Explain every code, as one page of Markdown
    #[arg(long, help_heading = "Output", conflicts_with_all = ["code", "list"])]
    pub markdown: bool,
}

#[derive(Debug, Args)]
#[command(after_help = examples::SERVE)]
pub struct ServeArgs {
    /// The address to listen on
    ///
    /// 0.0.0.0 or [::] is every address of this machine, for the audit of a site; a port behind it is that of HTTPS and WebSocket
    #[arg(long, value_name = "IP[:PORT]", default_value = "127.0.0.1", help_heading = "Service")]
    #[arg(value_parser = values::listen)]
    pub listen: Listen,
    /// Other ports than mqtt=8883,amqp=5671,https=443
    ///
    /// 0 is any that is free; both WebSocket variants share that of https
    #[arg(long, value_name = "PROTOCOL=PORT", value_delimiter = ',', help_heading = "Service")]
    #[arg(value_parser = values::any_ports(), hide_possible_values = true)]
    pub port: Vec<(Protocol, u16)>,
    /// Another path of the WebSocket upgrade: /mqtt
    ///
    /// The word any is every path [default: that of an Azure IoT hub]
    #[arg(long, value_name = "PATH", value_parser = values::ws_path, help_heading = "Service")]
    pub ws_path: Option<WsPath>,
    /// A name or address for the certificate
    ///
    /// May be repeated [default: localhost and the address listened on]
    #[arg(long, conflicts_with = "cert", help_heading = "Certificate")]
    pub name: Vec<String>,
    /// Write the root that signs the certificate here
    ///
    /// The file is for `hubreach check --ca`
    #[arg(long, value_name = "FILE", conflicts_with = "cert", help_heading = "Certificate")]
    pub ca_out: Option<PathBuf>,
    /// Show this PEM chain instead of one that is made
    #[arg(long, value_name = "FILE", requires = "key", help_heading = "Certificate")]
    pub cert: Option<PathBuf>,
    /// Its PEM key
    #[arg(long, value_name = "FILE", requires = "cert", help_heading = "Certificate")]
    pub key: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = examples::EXPORTER)]
pub struct ExporterArgs {
    /// Hubs that may be probed: hostnames or IP addresses
    #[arg(env = "HUBREACH_HUB", hide_env_values = true, value_name = "HUB", value_delimiter = ',')]
    #[arg(required_unless_present = "allow")]
    pub hubs: Vec<String>,
    /// The address to listen on
    ///
    /// 0.0.0.0 or [::] is every address of this machine; a port behind it is another than 9877, and 0 any that is free
    #[arg(long, value_name = "IP[:PORT]", default_value = "127.0.0.1", help_heading = "Service")]
    #[arg(value_parser = values::listen)]
    pub listen: Listen,
    /// Also the names below a domain: *.azure-devices.net
    ///
    /// Hubs of such a name may be probed too; may be repeated
    #[arg(long, value_name = "PATTERN", value_delimiter = ',', help_heading = "Service")]
    pub allow: Vec<HubPattern>,
    /// Probes under way at a time; the next is refused, with 503
    #[arg(long, value_name = "N", default_value_t = exporter::MOST_PROBES, value_parser = values::count)]
    #[arg(help_heading = "Service")]
    pub max_probes: NonZeroUsize,
    #[command(flatten)]
    pub what: TargetArgs,
    #[command(flatten)]
    pub probe: Addresses,
    #[command(flatten)]
    pub routes: RouteArgs,
    #[command(flatten)]
    pub trust: Trust,
    /// What must be allowed for a probe to succeed
    ///
    /// hubreach_probe_success is then 1: any, all, none, or a list such as mqtt,https
    #[arg(long, value_name = "SPEC", env = "HUBREACH_REQUIRE", hide_env_values = true, default_value = "any")]
    #[arg(value_parser = values::requirements(), hide_possible_values = true, help_heading = "Judgement")]
    pub require: Requirement,
}

#[derive(Debug, Args)]
#[command(after_help = examples::COMPLETIONS)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
    /// What stands on a command line after the program's name, up to the cursor: the script asks what the last of it can be.
    #[arg(last = true, hide = true)]
    pub words: Option<Vec<OsString>>,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write a page for every command into this directory instead, which is made if it is not there
    #[arg(long, value_name = "DIR", help_heading = "Output", value_hint = ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
}
