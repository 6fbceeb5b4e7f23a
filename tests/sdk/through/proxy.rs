//! Proxies as Debian packages them, on loopback.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use super::super::{
    need,
    process::{Group, free_ports},
};

/// For a proxy to start, and to write of a connection that has ended.
const SOON: Duration = Duration::from_secs(20);

const SQUID_LOGS: &str = "logs";

const NCSA: &str = "/usr/lib/squid/basic_ncsa_auth";

/// A proxy to start, with the login that it wants.
pub struct Server {
    pub name: &'static str,
    program: &'static str,
    pub is_socks: bool,
    /// With characters that an address must encode, where the program's configuration can hold them.
    login: Option<(&'static str, &'static str)>,
}

pub const PROXIES: &[Server] = &[
    Server { name: "squid", program: "squid", is_socks: false, login: None },
    Server { name: "squid_login", program: "squid", is_socks: false, login: Some(("hub", "p@ss:w/r%d")) },
    Server { name: "tinyproxy", program: "tinyproxy", is_socks: false, login: None },
    Server { name: "tinyproxy_login", program: "tinyproxy", is_socks: false, login: Some(("hub", "pass-word.1")) },
    Server { name: "microsocks", program: "microsocks", is_socks: true, login: None },
    Server { name: "microsocks_login", program: "microsocks", is_socks: true, login: Some(("hub", "p@ss:w/r%d")) },
];

impl Server {
    /// What stands in the way of it.
    pub fn missing(&self) -> Option<String> {
        need::program(self.program).is_none().then(|| format!("{} is not installed", self.program))
    }

    pub fn wants_login(&self) -> bool {
        self.login.is_some()
    }

    /// A setting with the login in it: encoded in an address, and as it is elsewhere.
    pub fn filled_in(&self, setting: &str) -> String {
        let Some((user, password)) = self.login else { return setting.to_owned() };
        let encoded = format!("{}:{}@", encoded(user), encoded(password));
        setting.replace("USER:PASSWORD@", &encoded).replace("USER", user).replace("PASSWORD", password)
    }

    fn command(&self, port: u16, folder: &Path) -> Result<Command, String> {
        let path = need::program(self.program).ok_or("no longer installed")?;
        let file = folder.join("proxy.conf");
        let write = |text: String| fs::write(&file, text).map_err(|error| error.to_string());
        let mut command = Command::new(path);
        match (self.program, self.login) {
            ("squid", login) => {
                let login = login.map(|login| squid_login(login, folder)).transpose()?.unwrap_or_default();
                let log = squid_log(folder)?;
                write(format!("http_port 127.0.0.1:{port}\naccess_log stdio:{}\n{login}{SQUID}", log.display()))?;
                command.args(["-N", "-d", "1", "-n", &service(port), "-f"]).arg(&file);
            }
            ("tinyproxy", login) => {
                let login = login.map(|(user, password)| format!("BasicAuth {user} {password}\n")).unwrap_or_default();
                write(format!("Port {port}\nListen 127.0.0.1\nTimeout 60\nLogLevel Connect\nMaxClients 20\n{login}"))?;
                command.arg("-d").arg("-c").arg(&file);
            }
            (_, login) => {
                command.args(["-i", "127.0.0.1", "-p", &port.to_string()]);
                if let Some((user, password)) = login {
                    command.args(["-u", user, "-P", password]);
                }
            }
        }
        Ok(command)
    }
}

/// Only the folder of its log is written to, and no name server asked.
const SQUID: &str = "\
http_access allow localhost
http_access deny all
cache_log /dev/null
coredump_dir none
dns_nameservers 127.0.0.1
pid_filename none
pinger_enable off
shutdown_lifetime 0 seconds
";

/// The name by which one squid tells its shared memory from another's.
fn service(port: u16) -> String {
    format!("hubreach{port}")
}

/// Where squid tells of its clients. It gives up root's rights first, and must still get there.
fn squid_log(folder: &Path) -> Result<PathBuf, String> {
    let logs = folder.join(SQUID_LOGS);
    let allow = |path: &Path, mode: u32| fs::set_permissions(path, Permissions::from_mode(mode));
    let made = fs::create_dir(&logs).and_then(|()| allow(folder, 0o755)).and_then(|()| allow(&logs, 0o777));
    made.map_err(|error| format!("{}: {error}", logs.display()))?;
    Ok(logs.join("access.log"))
}

/// The lines that make squid ask for a login.
fn squid_login((user, password): (&str, &str), folder: &Path) -> Result<String, String> {
    let hash = Command::new("openssl").args(["passwd", "-apr1", password]).output();
    let hash = hash.map_err(|error| format!("openssl: {error}"))?.stdout;
    let file = folder.join("passwords");
    fs::write(&file, format!("{user}:{}\n", String::from_utf8_lossy(&hash).trim()))
        .map_err(|error| error.to_string())?;
    Ok(format!(
        "auth_param basic program {NCSA} {}\nacl known proxy_auth REQUIRED\nhttp_access deny !known\n",
        file.display()
    ))
}

/// Percent-encoded, but for what no address gives a meaning.
fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        b if b.is_ascii_alphanumeric() || b"-._~".contains(&b) => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    text.bytes().map(one).collect()
}

/// A running proxy.
pub struct Proxy {
    server: &'static Server,
    port: u16,
    group: Group,
    access_log: PathBuf,
    /// Dropped after the process.
    _memory: SharedMemory,
}

/// What squid leaves when it is killed, and takes two seconds to remove when it is not.
struct SharedMemory {
    service: String,
}

impl Drop for SharedMemory {
    fn drop(&mut self) {
        let of_it = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with(&self.service);
        let entries = fs::read_dir("/dev/shm").into_iter().flatten().flatten();
        entries.filter(of_it).for_each(|entry| drop(fs::remove_file(entry.path())));
    }
}

impl Proxy {
    pub fn start(server: &'static Server, folder: &Path) -> Result<Self, String> {
        let [port] = free_ports();
        let memory = SharedMemory { service: format!("{}-", service(port)) };
        let mut group = Group::start(&mut server.command(port, folder)?, &folder.join("proxy.log"), None)?;
        group.wait_for(&[port], SOON)?;
        Ok(Self { server, port, group, access_log: folder.join(SQUID_LOGS).join("access.log"), _memory: memory })
    }

    /// As `--proxy` takes it, with the login.
    pub fn url(&self) -> String {
        let scheme = if self.server.is_socks { "socks5h" } else { "http" };
        let login = if self.server.wants_login() { "USER:PASSWORD@" } else { "" };
        self.server.filled_in(&format!("{scheme}://{login}127.0.0.1:{}", self.port))
    }

    /// What it says, and squid's log of its clients.
    pub fn said(&self) -> String {
        self.group.said() + &fs::read_to_string(&self.access_log).unwrap_or_default()
    }

    /// Whether it tells soon of a tunnel to this port of the hub's.
    pub fn has_led_to(&self, port: u16) -> Result<(), String> {
        let granted = match self.server.program {
            "squid" => "TCP_TUNNEL/200",
            "tinyproxy" => "CONNECT ",
            _ => "connected to ",
        };
        let target = format!("localhost:{port}");
        let began = Instant::now();
        while !self.said().lines().any(|line| line.contains(granted) && line.contains(&target)) {
            if began.elapsed() > SOON {
                return Err(format!("nothing went through the proxy:\n{}", self.said()));
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}
