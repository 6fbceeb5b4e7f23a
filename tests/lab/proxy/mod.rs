//! A proxy on the way: a server that we did not write, configured as people configure it, in the namespace of a router.

mod plan;
mod servers;

use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{
    names::NameServer,
    netns::undisturbed,
    pki,
    scenario::{Device, Names},
    topology::{self, FORWARDER, Network, ROUTERS},
};
pub use plan::ProxyPlan;
use servers::Program;

/// For its port to answer.
const START: Duration = Duration::from_secs(10);

/// Servers refuse to run as root, and could not become anybody else in a namespace that knows root alone. So each gets one
/// where it is Debian's user `proxy` from the start; and process numbers of its own, for its helpers to end with it.
const AS_A_SERVICE: [&str; 7] = ["unshare", "-U", "--map-user=proxy", "--map-group=proxy", "-p", "-f", "--kill-child"];

/// The files in its folder: what it said, its authority, and the root of the hub.
const LOG: &str = "proxy.log";
const AUTHORITY: &str = "authority.pem";
const HUB: &str = "hub.pem";

/// A running proxy; it goes when dropped.
#[derive(Debug)]
pub struct Proxy {
    folder: PathBuf,
    children: Vec<Child>,
    _names: Option<NameServer>,
}

impl Proxy {
    /// Starts what `plan` asks for. Its files are in `folder`; `hub` is the root that it trusts.
    pub fn start(plan: &ProxyPlan, network: &Network, folder: &Path, hub: &str) -> Result<Self, String> {
        let told = |error: std::io::Error| error.to_string();
        if !ROUTERS.contains(&plan.node.as_str()) {
            return Err(format!("a proxy runs on a router, which {} is not", plan.node));
        }
        let node = network.node(&plan.node);
        node.filter(&plan.direct.rules())?;
        fs::create_dir(folder).map_err(told)?;
        fs::write(folder.join(HUB), hub).map_err(told)?;
        pki::run(&servers::certificates(), folder)?;
        let names = Names { forwarder: plan.names.clone(), ..Names::default() };
        topology::write_etc(folder, &names, &Device::default()).map_err(told)?;
        let server = plan.names.clone().map(|zone| {
            let at: SocketAddr = format!("{FORWARDER}:53").parse().map_err(|_| "an address".to_owned())?;
            node.run(|| NameServer::start(at, zone)).and_then(|server| server).map_err(told)
        });
        let mut proxy = Self { folder: folder.to_owned(), children: Vec::new(), _names: server.transpose()? };
        for program in servers::programs(plan, folder)? {
            proxy.add(&program, network, &plan.node)?;
        }
        Ok(proxy)
    }

    fn add(&mut self, program: &Program, network: &Network, node: &str) -> Result<(), String> {
        let told = |error: std::io::Error| error.to_string();
        let mut words = AS_A_SERVICE.map(str::to_owned).into_iter().chain(program.words.iter().cloned()).collect();
        topology::with_etc(&self.folder, &mut words);
        let log = File::options().create(true).append(true).open(self.folder.join(LOG)).map_err(told)?;
        let mut command = Command::new(&words[0]);
        undisturbed(command.args(&words[1..]).current_dir(&self.folder).stdin(Stdio::null()));
        command.stdout(log.try_clone().map_err(told)?).stderr(log);
        let child = network.node(node).run(|| command.spawn()).and_then(|child| child).map_err(told)?;
        self.children.push(child);
        let at = SocketAddr::from((Ipv4Addr::LOCALHOST, program.port));
        let began = Instant::now();
        while !network.node(node).run(|| TcpStream::connect(at).is_ok()).map_err(told)? {
            if began.elapsed() > START {
                return Err(format!("{} does not listen{}", program.words[0], said(&self.folder)));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// The root of its authority, for those who shall trust it.
    pub fn authority(&self) -> Result<String, String> {
        fs::read_to_string(self.folder.join(AUTHORITY)).map_err(|error| error.to_string())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What the proxy of `folder` wrote into its log, where there is one.
pub fn said(folder: &Path) -> String {
    fs::read(folder.join(LOG))
        .map_or_else(|_| String::new(), |log| format!("\nThe proxy said:\n{}", String::from_utf8_lossy(&log)))
}
