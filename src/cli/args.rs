//! What can be typed.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use hubreach::{
    diagnosis::Code,
    target::{self, HubKind, KINDS, Protocol, Requirement},
};

use super::{stub::report::Format, words::Words};

const CHECK_EXAMPLES: &str = "\
Examples:
  On site, with a laptop or on the device:
    hubreach contoso.azure-devices.net
    hubreach contoso.azure-devices.net --role gateway --output report.json
  As a probe in a container, the hub in HUBREACH_HUB:
    hubreach --protocol mqtt --require mqtt --timeout 8s -q
  An audit before the hub exists, `hubreach serve --ca-out ca.pem` elsewhere:
    hubreach hub.example --ca ca.pem --hub-ca ca.pem --require all

Exit status: 0 the requirement is met, 1 it is not, 2 wrong usage,
3 the check could not run.";

const TOP_EXAMPLES: &str = "\
`hubreach <HUB>` is short for `hubreach check <HUB>`, whose options
`hubreach check --help` lists.

Examples:
  hubreach contoso.azure-devices.net   check every protocol of a hub
  hubreach demo                        see what a report looks like
  hubreach explain silent-drop         what a finding means";

/// Which of an IoT hub's protocols does this network let out, and what stops the others?
#[derive(Debug, Parser)]
#[command(name = "hubreach", version, max_term_width = 80, after_help = TOP_EXAMPLES)]
#[command(override_usage = "hubreach <HUB> [OPTIONS]\n       hubreach <COMMAND> [OPTIONS]")]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub volume: Volume,
}

/// How much is said on stderr.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Volume {
    /// Nothing on stderr but errors: no progress, no notes
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Tell on stderr what happens underneath; -vv tells more [env: HUBREACH_LOG=FILTER]
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Test every protocol of a hub and explain what fails (the default)
    Check(Box<CheckArgs>),
    /// Judge a saved report again, with no network
    Diagnose(DiagnoseArgs),
    /// What a finding means, how it is proved, who fixes it, and how
    Explain(ExplainArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    Man(ManArgs),
}

#[derive(Debug, Args)]
#[command(after_help = CHECK_EXAMPLES)]
pub struct CheckArgs {
    /// The hub's hostname or IP address; the host is also taken from a URL or a connection string
    #[arg(env = "HUBREACH_HUB", hide_env_values = true)]
    pub hub: Option<String>,
    #[command(flatten)]
    pub what: What,
    #[command(flatten)]
    pub how: How,
    #[command(flatten)]
    pub trust: Trust,
    #[command(flatten)]
    pub judgement: Judgement,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What to test")]
pub struct What {
    /// Only these protocols, such as mqtt,amqp-ws [default: all that the kind of hub has]
    #[arg(long, env = "HUBREACH_PROTOCOL", hide_env_values = true, value_delimiter = ',', value_parser = protocols())]
    pub protocol: Vec<Protocol>,
    /// The kind of hub [default: by the hostname, else azure-iot-hub]
    #[arg(long, env = "HUBREACH_KIND", hide_env_values = true, value_parser = kinds())]
    pub kind: Option<HubKind>,
    /// Another port for a protocol, such as mqtt=18883
    #[arg(long, value_name = "PROTOCOL=PORT", value_delimiter = ',', value_parser = port)]
    pub port: Vec<(Protocol, u16)>,
    /// Another path for the WebSocket upgrade, such as /mqtt
    #[arg(long, value_name = "PATH")]
    pub ws_path: Option<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "How to test")]
pub struct How {
    /// Connect to this address, without DNS; the name is still verified
    #[arg(long, value_name = "IP", value_delimiter = ',', value_parser = address)]
    pub address: Vec<IpAddr>,
    /// Try every resolved address, not the first two of each family
    #[arg(long)]
    pub all_addresses: bool,
    /// IPv4 only
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    pub ipv4: bool,
    /// IPv6 only
    #[arg(short = '6', long)]
    pub ipv6: bool,
    /// How far to climb: what `allowed` then means
    #[arg(long, env = "HUBREACH_DEPTH", hide_env_values = true, default_value = "exchange")]
    pub depth: Depth,
    /// Deadline of the whole run, 100ms to 1h
    #[arg(long, value_name = "DURATION", env = "HUBREACH_TIMEOUT", hide_env_values = true, default_value = "15s", value_parser = timeout)]
    pub timeout: Duration,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Trust")]
pub struct Trust {
    /// PEM roots that the device trusts [default: this machine's store]
    #[arg(long, value_name = "FILE", env = "HUBREACH_CA", hide_env_values = true)]
    pub ca: Option<PathBuf>,
    /// PEM roots that genuinely sign this hub, to notice interception [default: built in, for known hubs]
    #[arg(long, value_name = "FILE", env = "HUBREACH_HUB_CA", hide_env_values = true)]
    pub hub_ca: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Judgement")]
pub struct Judgement {
    /// What must be allowed for exit status 0: any, all, or a list such as mqtt,https
    #[arg(long, value_name = "SPEC", env = "HUBREACH_REQUIRE", hide_env_values = true, default_value = "any")]
    pub require: Requirement,
    /// Who will connect: steers the recommendation
    #[arg(long, default_value = "device")]
    pub role: Role,
}

/// How a report is said, and where.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// How to print the report on stdout
    #[arg(long, default_value = "human", value_parser = formats())]
    pub format: Format,
    /// Write the report to this file too, .json or .txt; may be repeated
    #[arg(long, value_name = "FILE", value_parser = output)]
    pub output: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct DiagnoseArgs {
    /// A report in JSON, as `hubreach check --output FILE.json` writes it; - reads stdin
    pub file: PathBuf,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
#[command(arg_required_else_help = false)]
pub struct ExplainArgs {
    /// The finding's code, such as silent-drop
    #[arg(value_parser = codes(), hide_possible_values = true, required_unless_present = "list")]
    pub code: Option<Code>,
    /// List every code
    #[arg(long, conflicts_with = "code")]
    pub list: bool,
}

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write a page for every command into this directory instead
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// [`target::Depth`] as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Depth {
    /// The TCP handshake
    Connect,
    /// The TLS handshake
    Tls,
    /// The hub's answer in the protocol itself
    Exchange,
}

impl From<Depth> for target::Depth {
    fn from(depth: Depth) -> Self {
        match depth {
            Depth::Connect => Self::Connect,
            Depth::Tls => Self::Tls,
            Depth::Exchange => Self::Exchange,
        }
    }
}

/// [`target::Role`] as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Role {
    /// One device with a connection of its own
    Device,
    /// A gateway that multiplexes devices over one connection
    Gateway,
}

impl From<Role> for target::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Device => Self::Device,
            Role::Gateway => Self::Gateway,
        }
    }
}

fn protocols() -> Words<Protocol> {
    Words::new(Protocol::ALL.map(Protocol::id))
}

fn kinds() -> Words<HubKind> {
    Words::new(KINDS.iter().map(|facts| facts.id))
}

fn formats() -> Words<Format> {
    Words::new(["human", "json"])
}

fn codes() -> Words<Code> {
    Words::new(Code::ALL.iter().map(|code| code.id()))
}

/// `mqtt=18883`
pub fn port(text: &str) -> Result<(Protocol, u16), String> {
    let (protocol, port) = text.split_once('=').ok_or("type PROTOCOL=PORT, for example mqtt=18883")?;
    let protocol = protocol.parse::<Protocol>().map_err(|error| error.to_string())?;
    let port = port.trim().parse::<u16>().ok().filter(|port| *port != 0);
    Ok((protocol, port.ok_or_else(|| format!("a port is a number from 1 to 65535, for example {protocol}=18883"))?))
}

fn address(text: &str) -> Result<IpAddr, &'static str> {
    text.trim().parse().map_err(|_| "type an IP address, for example 10.1.2.3 or 2001:db8::1")
}

fn timeout(text: &str) -> Result<Duration, &'static str> {
    let allowed = Duration::from_millis(100)..=Duration::from_secs(3600);
    let duration = humantime::parse_duration(text.trim()).ok().filter(|duration| allowed.contains(duration));
    duration.ok_or("type a time from 100ms to 1h with its unit, for example 15s")
}

fn output(text: &str) -> Result<PathBuf, &'static str> {
    let path = PathBuf::from(text);
    match Format::of_path(&path) {
        Some(_) => Ok(path),
        None => Err("the suffix says the format: type FILE.json or FILE.txt"),
    }
}
