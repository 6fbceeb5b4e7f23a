//! What can be typed.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use clap::{ArgAction, Args, Parser, Subcommand};
use hubreach::{
    diagnosis::Code,
    exporter::{DEFAULT_MOST_PROBES, HubPattern},
    probe::Families,
    report::Format,
    target::{HubKind, Protocol, Requirement},
};

use super::values::{self, Depth, DiffFormat, Role, TraceFormat, WsPath};

const CHECK_EXAMPLES: &str = "\
Examples:
  On site, with a laptop or on the device:
    hubreach contoso.azure-devices.net
    hubreach contoso.azure-devices.net --role gateway --output report.html
  As a probe in a container, the hub in HUBREACH_HUB:
    hubreach --protocol mqtt --require mqtt --timeout 8s -q
  An audit before the hub exists, `hubreach serve --ca-out ca.pem` elsewhere:
    hubreach hub.example --ca ca.pem --hub-ca ca.pem --require all

Exit status: 0 the requirement is met, 1 it is not, 2 wrong usage,
3 the check could not run.";

const EXPORTER_EXAMPLES: &str = "\
Examples:
  Two hubs, for a Prometheus on the same machine:
    hubreach exporter contoso.azure-devices.net fabrikam.azure-devices.net
    curl 'http://127.0.0.1:9877/probe?hub=contoso.azure-devices.net'
  A fleet, of which MQTT is needed; Prometheus names the hubs:
    hubreach exporter --allow '*.azure-devices.net' --require mqtt

A request is /probe?hub=HUB, and may add &protocol=mqtt,https and one of
  &module=default   to the hub's answer in each protocol
  &module=connect   to the TCP handshake alone
  &module=tls       to the TLS handshake: leaves no refused login at the hub
  &module=explain   and experiments, where something fails
Only the hubs named here are probed. There is no authentication: whoever
reaches --listen can have those hubs probed, and read what was found.

Exit status: 0 it was told to end, 2 wrong usage, 3 it could not run.";

const DIFF_EXAMPLES: &str = "\
Examples:
  Before the ticket, after it, and what it changed:
    hubreach contoso.azure-devices.net --output before.json
    hubreach contoso.azure-devices.net --output after.json
    hubreach diff before.json after.json
  For the ticket, and for a script:
    hubreach diff before.json after.json --output changes.md --format json

A check that was not tested again is told, but does not count as lost.

Exit status: 0 nothing that was allowed is lost, 1 something is, 2 wrong
usage or a file that is no report.";

const SERVE_EXAMPLES: &str = "\
Examples:
  On a machine outside the site, then on the site:
    hubreach serve --listen 0.0.0.0 --name hub.example --ca-out ca.pem
    hubreach hub.example --ca ca.pem --hub-ca ca.pem --require all
  Here, without privileges:
    hubreach serve --port https=8443";

const TRACE_EXAMPLES: &str = "\
Examples:
  Where is MQTT stopped, and is HTTPS not?
    hubreach trace contoso.azure-devices.net
  One port, over IPv4, with the routers' names:
    hubreach trace contoso.azure-devices.net --protocol mqtt,https -4 --names

Sends TCP SYNs that may take only a few hops; needs no privilege, and Linux.
A router that drops what it should forward looks like one that never lets it
in at the next hop: both are named. Routers may be silent or answer but a few
times a second, and load balancers may send one connection another way than
the next.

Exit status: 0 the paths were traced, 1 the name has no address to trace,
2 wrong usage, 3 they could not be traced.";

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

// How much is said on stderr. No doc comment: clap would make it the description of the commands that flatten it.
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
    #[command(flatten)]
    pub endpoints: Endpoints,
    /// Another path for the WebSocket upgrade, such as /mqtt
    #[arg(long, value_name = "PATH")]
    pub ws_path: Option<String>,
}

// No doc comment, for the same reason.
#[derive(Debug, Args)]
#[command(next_help_heading = "What to test")]
pub struct Endpoints {
    /// Only these protocols, such as mqtt,amqp-ws [default: all that the kind of hub has]
    #[arg(long, env = "HUBREACH_PROTOCOL", hide_env_values = true, value_delimiter = ',', value_parser = values::protocols())]
    pub protocol: Vec<Protocol>,
    /// The kind of hub [default: by the hostname, else azure-iot-hub]
    #[arg(long, env = "HUBREACH_KIND", hide_env_values = true, value_parser = values::kinds())]
    pub kind: Option<HubKind>,
    /// Another port for a protocol, such as mqtt=18883; then the only one of that protocol
    #[arg(long, value_name = "PROTOCOL=PORT", value_delimiter = ',', value_parser = values::port)]
    pub port: Vec<(Protocol, u16)>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "How to test")]
pub struct How {
    #[command(flatten)]
    pub addresses: Addresses,
    /// Observe only: no second measurements where something fails
    #[arg(long)]
    pub no_experiments: bool,
    /// How far to climb: what `allowed` then means
    #[arg(long, env = "HUBREACH_DEPTH", hide_env_values = true, default_value = "exchange")]
    pub depth: Depth,
}

// No doc comment, for the same reason.
#[derive(Debug, Args)]
#[command(next_help_heading = "How to test")]
pub struct Addresses {
    /// Connect to this address, without DNS; the name is still verified
    #[arg(long, value_name = "IP", value_delimiter = ',', value_parser = values::address)]
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
    /// Ask this name server, instead of the system's resolver; may be repeated
    #[arg(long, value_name = "IP[:PORT]", value_delimiter = ',', value_parser = values::name_server)]
    #[arg(conflicts_with = "address")]
    pub resolver: Vec<SocketAddr>,
    /// Deadline of the whole run, 100ms to 1h
    #[arg(long, value_name = "DURATION", env = "HUBREACH_TIMEOUT", hide_env_values = true, default_value = "15s", value_parser = values::timeout)]
    pub timeout: Duration,
}

impl Addresses {
    /// The address families to try.
    pub fn families(&self) -> Families {
        match (self.ipv4, self.ipv6) {
            (true, _) => Families::V4,
            (_, true) => Families::V6,
            _ => Families::Both,
        }
    }
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

// How a report is said, and where. No doc comment, for the same reason.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// How to print the report on stdout
    #[arg(long, default_value = "human", value_parser = values::formats())]
    pub format: Format,
    /// Write the report to this file too; the suffix says how: .txt, .json, .ndjson, .md, .html, .xml (JUnit), .csv or .ticket; may be repeated
    #[arg(long, value_name = "FILE", value_parser = values::output)]
    pub output: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = TRACE_EXAMPLES)]
pub struct TraceArgs {
    /// The hub's hostname or IP address; the host is also taken from a URL or a connection string
    #[arg(env = "HUBREACH_HUB", hide_env_values = true)]
    pub hub: Option<String>,
    #[command(flatten)]
    pub what: Endpoints,
    #[command(flatten)]
    pub how: Addresses,
    /// Ask reverse DNS for the routers' names
    #[arg(long, help_heading = "Output")]
    pub names: bool,
    /// How to print the paths on stdout
    #[arg(long, default_value = "human", help_heading = "Output")]
    pub format: TraceFormat,
}

#[derive(Debug, Args)]
pub struct DiagnoseArgs {
    /// A report in JSON, as `hubreach check --output FILE.json` writes it; - reads stdin
    pub file: PathBuf,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = DIFF_EXAMPLES)]
pub struct DiffArgs {
    /// The report from before, in JSON; - reads stdin
    pub before: PathBuf,
    /// The report from after
    pub after: PathBuf,
    /// How to print the difference on stdout
    #[arg(long, default_value = "human", help_heading = "Output")]
    pub format: DiffFormat,
    /// Write the difference to this file too; the suffix says how: .txt, .json or .md; may be repeated
    #[arg(long, value_name = "FILE", value_parser = values::diff_output, help_heading = "Output")]
    pub output: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(arg_required_else_help = false)]
pub struct ExplainArgs {
    /// The finding's code, such as silent-drop
    #[arg(value_parser = values::codes(), hide_possible_values = true, required_unless_present_any = ["list", "markdown"])]
    pub code: Option<Code>,
    /// List every code
    #[arg(long, conflicts_with = "code")]
    pub list: bool,
    /// Explain every code, as one page of Markdown
    #[arg(long, conflicts_with_all = ["code", "list"])]
    pub markdown: bool,
}

#[derive(Debug, Args)]
#[command(after_help = SERVE_EXAMPLES)]
pub struct ServeArgs {
    /// The address to listen on; 0.0.0.0 or :: is every address of this machine, for the audit of a site
    #[arg(long, value_name = "IP", default_value = "127.0.0.1", value_parser = values::address)]
    pub listen: IpAddr,
    /// Other ports than mqtt=8883,amqp=5671,https=443; 0 is any that is free; both WebSocket variants share that of https
    #[arg(long, value_name = "PROTOCOL=PORT", value_delimiter = ',', value_parser = values::any_port)]
    pub port: Vec<(Protocol, u16)>,
    /// Which path may be upgraded to WebSocket
    #[arg(long, value_name = "WHICH", default_value = "hub")]
    pub ws_path: WsPath,
    /// A name or address for the certificate; may be repeated [default: localhost and the address listened on]
    #[arg(long, conflicts_with = "cert", help_heading = "Certificate")]
    pub name: Vec<String>,
    /// Write the root that signs the certificate to this file, for `hubreach check --ca`
    #[arg(long, value_name = "FILE", conflicts_with = "cert", help_heading = "Certificate")]
    pub ca_out: Option<PathBuf>,
    /// Show this PEM certificate chain instead of one made for the occasion
    #[arg(long, value_name = "FILE", requires = "key", help_heading = "Certificate")]
    pub cert: Option<PathBuf>,
    /// Its PEM key
    #[arg(long, value_name = "FILE", requires = "cert", help_heading = "Certificate")]
    pub key: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = EXPORTER_EXAMPLES)]
pub struct ExporterArgs {
    /// Hubs that may be probed: hostnames or IP addresses
    #[arg(env = "HUBREACH_HUB", hide_env_values = true, value_name = "HUB", value_delimiter = ',')]
    #[arg(required_unless_present = "allow")]
    pub hubs: Vec<String>,
    /// Every name below a domain may be probed too, such as *.azure-devices.net; may be repeated
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    pub allow: Vec<HubPattern>,
    /// Where to serve; port 0 is any that is free
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:9877", value_parser = values::listener)]
    pub listen: SocketAddr,
    /// Probes at once, 1 to 1000; the next is answered with 503. Each takes ten sockets or so where nothing answers
    #[arg(long, value_name = "N", default_value_t = DEFAULT_MOST_PROBES as u16, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub max_probes: u16,
    #[command(flatten)]
    pub what: What,
    #[command(flatten)]
    pub how: Addresses,
    #[command(flatten)]
    pub trust: Trust,
    /// What must be allowed for hubreach_probe_success: any, all, or a list such as mqtt,https
    #[arg(
        long,
        value_name = "SPEC",
        env = "HUBREACH_REQUIRE",
        hide_env_values = true,
        default_value = "any",
        help_heading = "Judgement"
    )]
    pub require: Requirement,
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
