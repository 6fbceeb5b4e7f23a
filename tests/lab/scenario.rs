//! A scenario, as a TOML file of `scenarios/` has it. Everything that it does not mention is as in a network where all is
//! well; `README.md` shows that network.

use std::{collections::BTreeMap, net::IpAddr};

use hubreach::responder::Behaviour;
use serde::Deserialize;

use super::{matrix::scenario_texts, middlebox::Middlebox, names::Zone, proxy::ProxyPlan};

/// One network, and what must be said of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scenario {
    /// What it shows, for people.
    pub about: String,
    /// The hub as it is typed, where that is not its name.
    pub typed: Option<String>,
    /// Further arguments of `hubreach check`.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// What differs at `dev`, `r1`, `r2`, `r3` and `hub`, and at each of the three `routers`.
    #[serde(default)]
    pub nodes: BTreeMap<String, Node>,
    #[serde(default)]
    pub hub: HubPlan,
    /// A proxy on one of the routers.
    pub proxy: Option<ProxyPlan>,
    #[serde(default)]
    pub names: Names,
    #[serde(default)]
    pub device: Device,
    /// The link between `dev` and `r1`, where it is not perfect; IPv4 alone.
    pub link: Option<Link>,
    /// Whether a second link joins `dev` and `r1`: `right2`, 10.77.9.2, and `left2`, 10.77.9.1.
    #[serde(default)]
    pub second_link: bool,
    pub expect: Expect,
}

/// One node.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Node {
    /// Rules for `nft -f -`.
    pub nft: String,
    /// Shell commands, run after all else is set up.
    pub commands: Vec<String>,
    /// A box that reaches into the connections which the rules redirect to its port.
    pub middlebox: Option<Middlebox>,
}

/// The hub at the far end.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct HubPlan {
    /// Who plays it.
    pub server: Server,
    /// How our responder misbehaves.
    pub behaviour: Behaviour,
    /// The names in its certificate.
    pub certified: Vec<String>,
    /// How many further names make its certificate large.
    pub padding: usize,
    /// From when to when its certificate is valid, in days from now.
    pub validity: [i64; 2],
    /// Whether a stranger, whom nobody trusts, signed its certificate.
    pub signed_by_stranger: bool,
    /// Further addresses.
    pub more_addresses: Vec<String>,
    /// A script of openssl(1) that makes the certificates, as `pki` has it; of foreign servers alone.
    pub pki: Option<String>,
    /// What OpenSSL's server is told; by default, to speak no version that anybody should speak any more.
    pub openssl: Vec<String>,
}

impl Default for HubPlan {
    fn default() -> Self {
        Self {
            server: Server::Responder,
            behaviour: Behaviour::default(),
            certified: vec![super::hub::HOST.to_owned()],
            padding: 0,
            validity: [-1, 365],
            signed_by_stranger: false,
            more_addresses: Vec::new(),
            pki: None,
            openssl: ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"].map(str::to_owned).into(),
        }
    }
}

/// Who plays the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Server {
    /// Our own.
    Responder,
    /// mosquitto: MQTT on 8883, and over WebSocket on 443.
    Mosquitto,
    /// OpenSSL's test server on 8883, 5671 and 443, with these further arguments.
    Openssl,
}

/// The name servers on r1.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Names {
    /// One for each; the first at 10.77.1.1, the second at 10.77.1.3.
    pub servers: Vec<Zone>,
    /// A forwarder on the device, at 127.0.0.53, which the device asks instead: what it says, whatever those say.
    pub forwarder: Option<Zone>,
}

impl Default for Names {
    fn default() -> Self {
        let addresses = [super::topology::HUB_V4, super::topology::HUB_V6];
        Self { servers: vec![Zone::of(&[(super::hub::HOST, &addresses)])], forwarder: None }
    }
}

/// The device.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Device {
    /// Whose certificates it trusts.
    pub trusts: Vec<Authority>,
    /// Whether the hub's own roots are known.
    pub knows_the_hub: bool,
    /// What its clock says, as faketime(1) takes it: `+800d`.
    pub clock: Option<String>,
    /// Further lines of its hosts file.
    pub hosts: Vec<String>,
    /// Further lines of its `resolv.conf`.
    pub resolver: Vec<String>,
    /// What its environment holds beside what is usual; of proxies, nothing else.
    pub environment: BTreeMap<String, String>,
}

impl Default for Device {
    fn default() -> Self {
        Self {
            trusts: vec![Authority::Hub],
            knows_the_hub: true,
            clock: None,
            hosts: Vec::new(),
            resolver: Vec::new(),
            environment: BTreeMap::new(),
        }
    }
}

/// Who signs certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authority {
    /// The hub's own.
    Hub,
    /// The middlebox's.
    Middlebox,
    /// The proxy's: of its own certificate, and of those that it makes.
    Proxy,
    /// Somebody who signs nothing here.
    Nobody,
}

/// A link that takes its time and loses packets.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Link {
    pub round_trip_ms: u64,
    #[serde(default)]
    pub lost_per_mille: u32,
    /// What it carries each way, in bits per second; left out, any amount.
    pub bits_per_second: Option<u64>,
}

/// What must be said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expect {
    /// The checks that are not allowed: `mqtt`, which means `mqtt@direct`, `mqtt@proxy`, `all@proxy`, `all`.
    #[serde(default)]
    pub verdicts: BTreeMap<String, String>,
    /// The routes on which the hub is checked; left out: any.
    pub routes: Option<Vec<String>>,
    /// How long the check may take, by its own report.
    pub within_ms: Option<f64>,
    /// What `hubreach health` must say besides, and soon.
    pub health: Option<String>,
    /// Whether no experiment may be made: nothing is wrong.
    #[serde(default)]
    pub no_experiments: bool,
    /// Every finding of severity `error` or `warning`, and those of severity `info` that matter.
    #[serde(default)]
    pub findings: Vec<ExpectedFinding>,
    /// Codes that must not be named at all, not even as information.
    #[serde(default)]
    pub never: Vec<String>,
}

/// One finding.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExpectedFinding {
    pub code: String,
    pub severity: String,
    /// `any` where it depends on which packets get through.
    pub confidence: String,
    /// Who has to act: the party that is accused.
    pub owner: String,
    /// Empty means every check; `all@proxy` every one of that route.
    #[serde(default)]
    pub affects: Vec<String>,
    pub alternatives: Option<Vec<String>>,
    /// The code of the finding that it depends on.
    pub depends_on: Option<String>,
    pub location: Option<Place>,
    /// Where a place is named at all, both its addresses must be among these.
    pub blames: Option<Vec<IpAddr>>,
    /// Part of a sentence of the evidence.
    pub evidence: Option<String>,
}

/// A place on the path, as far as it is known.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub hop: u8,
    pub address: Option<IpAddr>,
    pub next: Option<IpAddr>,
}

impl Scenario {
    /// What this machine lacks for it.
    pub fn lacks(&self) -> Option<String> {
        let rules: String = self.nodes.values().map(|node| node.nft.as_str()).collect();
        let commands: String = self.nodes.values().flat_map(|node| node.commands.iter()).cloned().collect();
        let wanted = [
            ("nft", !rules.is_empty()),
            ("ethtool", true),
            ("iptables", commands.contains("iptables")),
            ("faketime", self.device.clock.is_some() || self.hub.pki.is_some()),
            ("mosquitto", self.hub.server == Server::Mosquitto),
            ("openssl", self.hub.server == Server::Openssl),
        ];
        let missing = wanted.into_iter().find(|(name, wanted)| *wanted && super::need::program(name).is_none());
        let missing = missing.map(|(name, _)| name).or_else(|| self.proxy.as_ref()?.lacks());
        missing.map(|name| format!("{name} is not installed"))
    }
}

/// Every scenario by its name, from the files beside this one.
pub fn all() -> Result<BTreeMap<String, Scenario>, String> {
    let read = |(name, text): (String, String)| match toml::from_str(&text) {
        Ok(scenario) => Ok((name, scenario)),
        Err(error) => Err(format!("{name}: {error}")),
    };
    scenario_texts()?.into_iter().map(read).collect()
}
