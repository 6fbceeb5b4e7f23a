//! The network of a scenario: five namespaces in a row.

use std::{collections::BTreeMap, io, path::Path, process::Command, time::Duration};

use super::{
    netns::Namespace,
    scenario::{Device, Names, Scenario},
    tun::{self, Quality},
};

/// The nodes, from the device to the hub.
pub const NODES: [&str; 5] = ["dev", "r1", "r2", "r3", "hub"];

/// Those between.
pub const ROUTERS: [&str; 3] = ["r1", "r2", "r3"];

pub const DEVICE_V4: &str = "10.77.1.2";
pub const ROUTER_V4: &str = "10.77.1.1";
/// The second name server's.
pub const SECOND_V4: &str = "10.77.1.3";
/// The forwarder's, on the device.
pub const FORWARDER: &str = "127.0.0.53";
pub const HUB_V4: &str = "10.77.4.2";
pub const HUB_V6: &str = "fd77:4::2";

/// The running network; it goes when dropped.
#[derive(Debug)]
pub struct Network {
    nodes: BTreeMap<&'static str, Namespace>,
    _link: Option<tun::Link>,
}

impl Network {
    pub fn new(scenario: &Scenario) -> Result<Self, String> {
        let told = |error: io::Error| error.to_string();
        let mut nodes = BTreeMap::new();
        for name in NODES {
            nodes.insert(name, Namespace::new().map_err(told)?);
        }
        for (at, pair) in NODES.windows(2).enumerate() {
            let (left, right) = (&nodes[pair[0]], &nodes[pair[1]]);
            let net = at + 1;
            if net > 1 || scenario.link.is_none() {
                left.join("right", right, "left").map_err(told)?;
                // The router of the first link has .1, so that the device is .2; behind it the left end has .1.
                let (near, far) = if net == 1 { (2, 1) } else { (1, 2) };
                for (node, device, end) in [(left, "right", near), (right, "left", far)] {
                    node.ip(&format!("addr add 10.77.{net}.{end}/24 dev {device}")).map_err(told)?;
                    node.ip(&format!("addr add fd77:{net}::{end}/64 dev {device} nodad")).map_err(told)?;
                    node.ip(&format!("link set {device} up")).map_err(told)?;
                }
            }
        }
        let link = match scenario.link {
            None => None,
            Some(link) => {
                let quality = Quality {
                    round_trip: Duration::from_millis(link.round_trip_ms),
                    lost_per_mille: link.lost_per_mille,
                    seed: 1,
                    bits_per_second: link.bits_per_second,
                };
                let (near, far) = ((&nodes["dev"], DEVICE_V4), (&nodes["r1"], ROUTER_V4));
                Some(tun::Link::join(near, far, quality).map_err(told)?)
            }
        };
        let network = Self { nodes, _link: link };
        network.route(scenario.link.is_some()).map_err(told)?;
        for address in &scenario.hub.more_addresses {
            network.node("hub").ip(&format!("addr add {address} dev left")).map_err(told)?;
        }
        if scenario.second_link {
            let (dev, r1) = (network.node("dev"), network.node("r1"));
            dev.join("right2", r1, "left2").map_err(told)?;
            for (node, device, end) in [(dev, "right2", 2), (r1, "left2", 1)] {
                node.ip(&format!("addr add 10.77.9.{end}/24 dev {device}")).map_err(told)?;
                node.ip(&format!("link set {device} up")).map_err(told)?;
            }
        }
        let first = if scenario.link.is_some() { "wan0" } else { "left" };
        network.node("r1").ip(&format!("addr add {SECOND_V4}/32 dev {first}")).map_err(told)?;
        for (name, node) in &scenario.nodes {
            for namespace in network.named(name)? {
                namespace.filter(&node.nft).map_err(|error| format!("{name}: {error}"))?;
                for command in &node.commands {
                    namespace.shell(command).map_err(|error| format!("{name}: {command}: {error}"))?;
                }
            }
        }
        Ok(network)
    }

    /// The namespace of a node.
    pub fn node(&self, name: &str) -> &Namespace {
        &self.nodes[name]
    }

    /// The namespaces that a scenario calls `name`: `routers` are three.
    pub fn named(&self, name: &str) -> Result<Vec<&Namespace>, String> {
        let names = if name == "routers" { &ROUTERS[..] } else { &[name] };
        names.iter().map(|name| self.nodes.get(*name).ok_or_else(|| format!("no node {name}"))).collect()
    }

    /// Default routes towards the hub, and a route back to each network behind.
    fn route(&self, has_link: bool) -> io::Result<()> {
        for name in ROUTERS {
            self.node(name).sysctl("ipv4/ip_forward", "1")?;
            self.node(name).sysctl("ipv6/conf/all/forwarding", "1")?;
        }
        if !has_link {
            self.node("dev").ip("route add default via 10.77.1.1")?;
            self.node("dev").ip("-6 route add default via fd77:1::1")?;
        }
        for (at, name) in ["r1", "r2", "r3", "hub"].into_iter().enumerate() {
            let (own, ahead) = (at + 1, at + 2);
            let node = self.node(name);
            for behind in 1..own {
                node.ip(&format!("route add 10.77.{behind}.0/24 via 10.77.{own}.1"))?;
                node.ip(&format!("-6 route add fd77:{behind}::/64 via fd77:{own}::1"))?;
            }
            for beyond in ahead + 1..=4 {
                node.ip(&format!("route add 10.77.{beyond}.0/24 via 10.77.{ahead}.2"))?;
                node.ip(&format!("-6 route add fd77:{beyond}::/64 via fd77:{ahead}::2"))?;
            }
        }
        Ok(())
    }
}

/// What the device finds in `/etc`, so that its own resolver asks the name servers of the lab.
pub fn write_etc(dir: &Path, names: &Names, device: &Device) -> io::Result<()> {
    let lines = |lines: &[String]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let server = |server: &str| format!("nameserver {server}\n");
    let servers: String = [ROUTER_V4, SECOND_V4].into_iter().take(names.servers.len()).map(server).collect();
    let asked = if names.forwarder.is_some() { server(FORWARDER) } else { servers.clone() };
    std::fs::write(dir.join("resolv.conf"), asked + &lines(&device.resolver))?;
    std::fs::write(dir.join("behind-forwarder.conf"), servers)?;
    std::fs::write(dir.join("hosts"), "127.0.0.1 localhost\n::1 localhost\n".to_owned() + &lines(&device.hosts))?;
    std::fs::write(dir.join("nsswitch.conf"), "hosts: files dns\n")
}

/// Runs `program` as `/etc` says in `dir`: the files are laid over those of the machine, for it alone. What its forwarders say
/// of themselves is hidden, that of the lab laid in its place.
pub fn with_etc(dir: &Path, program: &mut Vec<String>) {
    let lay = ["resolv.conf", "hosts", "nsswitch.conf"]
        .map(|file| format!("mount --bind {0}/{file} /etc/{file} && ", dir.display()))
        .concat();
    let forwarder = format!(
        "mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/resolve && \
         cp {}/behind-forwarder.conf /run/systemd/resolve/resolv.conf && ",
        dir.display()
    );
    let script = format!("{lay}{forwarder}exec \"$@\"");
    let mut wrapped: Vec<String> = ["unshare", "-m", "sh", "-ec", &script, "sh"].map(str::to_owned).into();
    wrapped.append(program);
    *program = wrapped;
}

impl Namespace {
    pub fn filter(&self, rules: &str) -> Result<(), String> {
        if rules.trim().is_empty() {
            return Ok(());
        }
        let file = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
        std::fs::write(file.path(), rules).map_err(|error| error.to_string())?;
        self.command(Command::new("nft").arg("-f").arg(file.path()))
    }

    fn shell(&self, command: &str) -> Result<(), String> {
        self.command(Command::new("sh").args(["-ec", command]))
    }

    fn command(&self, command: &mut Command) -> Result<(), String> {
        let output = self.run(|| command.output()).and_then(|output| output).map_err(|error| error.to_string())?;
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()) }
    }
}
