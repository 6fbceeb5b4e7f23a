//! Options that several commands share.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use clap::Args;
use hubreach::{
    hub::{Depth, HubKind, Protocol, Requirement, Role, Route, TargetOptions},
    probe::{Families, Pem, SLOW_TIMEOUT, Settings},
    report::Format,
};

use super::super::values;

#[derive(Debug, Args)]
#[command(next_help_heading = "What to test")]
pub struct TargetArgs {
    #[command(flatten)]
    pub endpoints: Endpoints,
    /// Another path of the WebSocket upgrade: /mqtt
    #[arg(long, value_name = "PATH")]
    pub ws_path: Option<String>,
    /// Another path to fetch over HTTPS: /v2/
    #[arg(long, value_name = "PATH")]
    pub https_path: Option<String>,
}

// No doc comment, for the same reason.
#[derive(Debug, Args)]
#[command(next_help_heading = "What to test")]
pub struct Endpoints {
    /// Only these protocols, such as mqtt,amqp-ws
    ///
    /// [default: all that the kind of hub has]
    #[arg(long, env = "HUBREACH_PROTOCOL", hide_env_values = true, value_delimiter = ',', value_parser = values::protocols())]
    pub protocol: Vec<Protocol>,
    /// The kind of hub, where its name does not tell
    ///
    /// [default: by the hostname, else azure-iot-hub]
    #[arg(long, env = "HUBREACH_KIND", hide_env_values = true, value_parser = values::kinds())]
    pub kind: Option<HubKind>,
    /// Another port for a protocol, such as mqtt=18883
    ///
    /// It is then the only one of that protocol
    #[arg(long, value_name = "PROTOCOL=PORT", value_delimiter = ',', value_parser = values::ports(), hide_possible_values = true)]
    pub port: Vec<(Protocol, u16)>,
}

impl TargetArgs {
    /// What the target deviates in from its kind.
    pub fn options(&self) -> TargetOptions {
        TargetOptions { ws_path: self.ws_path.clone(), https_path: self.https_path.clone(), ..self.endpoints.options() }
    }
}

impl Endpoints {
    /// What the target deviates in from its kind.
    pub fn options(&self) -> TargetOptions {
        TargetOptions {
            kind: self.kind,
            protocols: self.protocol.clone(),
            ports: self.port.iter().copied().collect(),
            ..TargetOptions::default()
        }
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "How to test")]
pub struct ProbeArgs {
    #[command(flatten)]
    pub addresses: Addresses,
    /// Observe only: no second measurements where something fails
    #[arg(long)]
    pub no_experiments: bool,
    /// How far to go: what `allowed` then means
    #[arg(long, env = "HUBREACH_DEPTH", hide_env_values = true, default_value = "exchange", value_parser = values::depths())]
    pub depth: Depth,
}

// No doc comment, for the same reason.
#[derive(Debug, Args)]
#[command(next_help_heading = "How to test")]
pub struct Addresses {
    /// Connect to this address, without DNS
    ///
    /// The name is still verified
    #[arg(long, value_name = "IP", value_delimiter = ',', value_parser = values::address)]
    pub address: Vec<IpAddr>,
    /// Try every resolved address, up to 16 of each family, not the first two
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
    /// Deadline of the run, such as 5 or 90s
    ///
    /// In an audit of each target; 100ms to 1h [default: 15s; for check and audit 60s while bytes still come]
    #[arg(long, value_name = "DURATION", env = "HUBREACH_TIMEOUT", hide_env_values = true, value_parser = values::timeout)]
    pub timeout: Option<Duration>,
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

    /// How a run is made that tries these.
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        settings.timeout = self.timeout.unwrap_or(settings.timeout);
        // What the user sets holds, whatever comes.
        settings.slow_timeout = self.timeout.is_none().then_some(SLOW_TIMEOUT);
        settings.families = self.families();
        settings.all_addresses = self.all_addresses;
        settings.addresses.clone_from(&self.address);
        settings.resolvers.clone_from(&self.resolver);
        settings
    }
}

// No doc comment, for the same reason.
#[derive(Debug, Args)]
#[command(next_help_heading = "How to test")]
pub struct RouteArgs {
    /// Also through this proxy, such as http://proxy:3128 or socks5h://proxy:1080
    ///
    /// With a login: http://USER:PASSWORD@proxy:3128, percent-encoded; better in HUBREACH_PROXY, for others see command lines
    /// [default: what https_proxy or all_proxy names, unless no_proxy excepts the hub]
    #[arg(long, value_name = "URL", env = "HUBREACH_PROXY", hide_env_values = true)]
    pub proxy: Option<String>,
    /// Only this route: direct or proxy
    ///
    /// [default: direct, and proxy where one is set]
    #[arg(long, env = "HUBREACH_ROUTE", hide_env_values = true, value_delimiter = ',', value_parser = values::routes())]
    pub route: Vec<Route>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Trust")]
pub struct Trust {
    /// PEM roots that the device trusts
    ///
    /// [default: this machine's store]
    #[arg(long, value_name = "FILE", env = "HUBREACH_CA", hide_env_values = true)]
    pub ca: Option<PathBuf>,
    /// PEM roots that genuinely sign this hub, to notice interception [default: built in, for known hubs]
    #[arg(long, value_name = "FILE", env = "HUBREACH_HUB_CA", hide_env_values = true)]
    pub hub_ca: Option<PathBuf>,
}

impl Trust {
    /// The same run, trusting these.
    pub fn of(&self, mut run: Settings) -> Settings {
        let file = |path: &Option<PathBuf>| path.clone().map(Pem::File);
        (run.ca, run.hub_ca) = (file(&self.ca), file(&self.hub_ca));
        run
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Judgement")]
pub struct JudgingArgs {
    /// What must be allowed to exit with 0
    ///
    /// any, all, none, or a list such as mqtt,https
    #[arg(long, value_name = "SPEC", env = "HUBREACH_REQUIRE", hide_env_values = true, default_value = "any")]
    #[arg(value_parser = values::requirements(), hide_possible_values = true)]
    pub require: Requirement,
    /// Who will connect: steers the recommendation
    #[arg(long, default_value = "device", value_parser = values::roles())]
    pub role: Role,
}

// How a report is said, and where. No doc comment, for the same reason.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// How to print the report on stdout
    #[arg(long, default_value = "human", value_parser = values::formats())]
    pub format: Format,
    /// Short for --format json
    #[arg(long, overrides_with = "format")]
    pub json: bool,
    /// Also write it to this file, as its suffix says
    ///
    /// The suffixes are .txt, .json, .ndjson, .md, .html, .xml (JUnit), .csv, .ticket and .brief; may be repeated
    #[arg(long, value_name = "FILE", value_parser = values::output)]
    pub output: Vec<PathBuf>,
}

impl Output {
    /// `--json` is `--format json`.
    pub fn settle(&mut self) {
        if self.json {
            self.format = Format::Json;
        }
    }
}
