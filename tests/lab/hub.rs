//! The hub at the far end, in a namespace of its own: our responder, or a server that we did not write.

use std::{
    fs,
    net::{Ipv6Addr, SocketAddr},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, SystemTime},
};

use hubreach::responder::{CertificateAuthority, ServerIdentity, Validity};

use super::{
    netns::Namespace,
    own_hub::OwnHub,
    pki,
    scenario::{HubPlan, Server},
};

pub use super::own_hub::HOST;

const DAY: u64 = 24 * 60 * 60;

/// A running hub, on the real ports.
#[derive(Debug)]
pub enum Hub {
    /// Our own.
    Responder { _it: OwnHub },
    /// Servers from the distribution's packages.
    Foreign(Vec<Child>),
}

impl Hub {
    /// Starts what `plan` asks for.
    pub fn planned(
        namespace: &Namespace,
        plan: &HubPlan,
        authority: &CertificateAuthority,
        dir: &Path,
    ) -> Result<Self, String> {
        let identity = identity(plan, authority)?;
        match plan.server {
            Server::Responder => {
                OwnHub::start(namespace, plan.behaviour.clone(), identity).map(|it| Self::Responder { _it: it })
            }
            Server::Mosquitto => {
                let files = Files::planned(plan, &identity, dir)?;
                let secure = format!("certfile {}\nkeyfile {}\n", files.chain, files.key);
                let config = format!(
                    "per_listener_settings false\npersistence false\nlog_dest none\nuser root\nallow_anonymous true\n\
                     listener 8883\n{secure}listener 443\nprotocol websockets\n{secure}"
                );
                let path = dir.join("mosquitto.conf");
                fs::write(&path, config).map_err(|error| error.to_string())?;
                let mut command = Command::new("mosquitto");
                command.arg("-c").arg(path);
                Self::foreign(namespace, vec![command], &[8883, 443])
            }
            Server::Openssl => {
                let files = Files::planned(plan, &identity, dir)?;
                let ports = [8883, 5671, 443];
                let servers = ports.map(|port| {
                    let mut command = Command::new("openssl");
                    // `-www` keeps it from reading its standard input, which is at its end.
                    command.args(["s_server", "-quiet", "-www", "-accept"]).arg(port.to_string());
                    command.args(["-cert", &files.chain, "-key", &files.key]);
                    // What stands behind the first certificate of the file is sent, too.
                    command.args(["-cert_chain", &files.chain]).args(&plan.openssl);
                    command
                });
                Self::foreign(namespace, servers.into(), &ports)
            }
        }
    }

    fn foreign(namespace: &Namespace, servers: Vec<Command>, ports: &[u16]) -> Result<Self, String> {
        let mut children = Vec::new();
        for mut server in servers {
            let quiet = server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let started = namespace.run(|| quiet.spawn()).and_then(|child| child).map_err(|error| error.to_string())?;
            children.push(started);
        }
        let hub = Self::Foreign(children);
        let listens = |port: u16| {
            let address = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
            namespace.run(|| std::net::TcpStream::connect(address)).and_then(|connected| connected).is_ok()
        };
        let began = std::time::Instant::now();
        while !ports.iter().all(|port| listens(*port)) {
            if began.elapsed() > Duration::from_secs(10) {
                return Err("a server does not listen".to_owned());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(hub)
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        if let Self::Foreign(children) = self {
            for child in children {
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    }
}

/// The certificate that the plan asks for.
fn identity(plan: &HubPlan, authority: &CertificateAuthority) -> Result<ServerIdentity, String> {
    let now = SystemTime::now();
    let day = |days: i64| {
        let apart = Duration::from_secs(days.unsigned_abs() * DAY);
        if days < 0 { now - apart } else { now + apart }
    };
    let validity = Validity { not_before: day(plan.validity[0]), not_after: day(plan.validity[1]) };
    let padding = (0..plan.padding).map(|at| format!("padding-{at}.of.a.large.certificate.test"));
    let names: Vec<String> = plan.certified.iter().cloned().chain(padding).collect();
    let stranger = CertificateAuthority::named("Stranger CA").map_err(|error| error.to_string())?;
    let signer = if plan.signed_by_stranger { &stranger } else { authority };
    signer.issue(&names, validity).map_err(|error| error.to_string())
}

/// A certificate and its key, as servers that we did not write want them.
struct Files {
    chain: String,
    key: String,
}

impl Files {
    fn planned(plan: &HubPlan, identity: &ServerIdentity, dir: &Path) -> Result<Self, String> {
        let Some(script) = &plan.pki else { return Self::write(identity, dir) };
        pki::make(script, dir)?;
        let path = |name: &str| dir.join(name).display().to_string();
        Ok(Self { chain: path(pki::CHAIN), key: path(pki::KEY) })
    }

    fn write(identity: &ServerIdentity, dir: &Path) -> Result<Self, String> {
        let pem = |label: &str, der: &[u8]| {
            let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
            let lines: Vec<&str> =
                encoded.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
            format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
        };
        let chain: String = identity.chain.iter().map(|der| pem("CERTIFICATE", der)).collect();
        let key = pem("PRIVATE KEY", identity.key.secret_der());
        let path = |name: &str, text: String| {
            let path = dir.join(name);
            fs::write(&path, text).map(|()| path.display().to_string()).map_err(|error| error.to_string())
        };
        Ok(Self { chain: path("hub-chain.pem", chain)?, key: path("hub-key.pem", key)? })
    }
}
