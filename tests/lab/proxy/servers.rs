//! The configuration of each server, as close to Debian's as its defaults let anybody use it at all.

use std::{fs, path::Path, process::Command};

use super::{
    AUTHORITY,
    plan::{ProxyPlan, ProxyServer},
};

/// Where the proxy is reached over TLS.
const TLS_PORT: u16 = 3129;

/// What squid makes certificates with.
pub const CERTIFICATE_MAKER: &str = "/usr/lib/squid/security_file_certgen";

/// Its certificate with the key, and its authority with the key.
const IDENTITY: &str = "proxy-and-key.pem";
const ISSUER: &str = "authority-and-key.pem";

/// Who may use squid, as `htpasswd` writes it.
const PASSWORDS: &str = "passwords";

/// A program to run, and the port on which it must answer.
#[derive(Debug)]
pub struct Program {
    pub words: Vec<String>,
    pub port: u16,
}

/// The script that makes the certificates, for [`super::pki`]: those of the proxy, and the authority that signs them.
pub fn certificates() -> String {
    let addresses = "IP:10.77.1.1,IP:10.77.2.2,IP:10.77.3.2,IP:fd77:1::1,IP:fd77:2::2,IP:fd77:3::2";
    format!(
        "root authority '/CN=Proxy CA' 365
signed proxy authority /CN=proxy.test 'basicConstraints=CA:FALSE\\nsubjectAltName=DNS:proxy.test,{addresses}'
cat proxy.pem proxy.key >{IDENTITY}
cat {AUTHORITY} authority.key >{ISSUER}"
    )
}

/// The programs of a plan, in the order in which they start; their configuration is written to `folder`.
pub fn programs(plan: &ProxyPlan, folder: &Path) -> Result<Vec<Program>, String> {
    let write = |name: &str, text: String| fs::write(folder.join(name), text).map_err(|error| error.to_string());
    let config = &plan.config;
    match plan.server {
        ProxyServer::Dante | ProxyServer::Nginx | ProxyServer::Haproxy if plan.login.is_some() => {
            return Err(format!("{:?} takes no login", plan.server));
        }
        ProxyServer::Microsocks if !config.is_empty() => return Err("microsocks takes no config".to_owned()),
        _ => {}
    }
    let (words, port): (&[&str], u16) = match plan.server {
        ProxyServer::Squid | ProxyServer::SquidBump => {
            if plan.server == ProxyServer::SquidBump {
                certificate_store(folder)?;
            }
            if let Some(login) = &plan.login {
                write(PASSWORDS, hashed(login)?)?;
            }
            write("squid.conf", squid(plan))?;
            (&["squid", "-N", "-f", "squid.conf"], 3128)
        }
        ProxyServer::Tinyproxy => {
            let login = plan.login.as_deref().and_then(|login| login.split_once(':'));
            let login = login.map_or_else(String::new, |(user, password)| format!("BasicAuth {user} {password}\n"));
            write("tinyproxy.conf", format!("{TINYPROXY}{login}{config}"))?;
            (&["tinyproxy", "-d", "-c", "tinyproxy.conf"], 8888)
        }
        ProxyServer::Dante => {
            write("danted.conf", DANTE.replace("CONFIG\n", config))?;
            (&["danted", "-f", "danted.conf"], 1080)
        }
        ProxyServer::Microsocks => (&["microsocks", "-p", "1080"], 1080),
        ProxyServer::Nginx => {
            write("nginx.conf", NGINX.replace("CONFIG\n", config))?;
            (&["nginx", "-p", ".", "-c", "nginx.conf"], 8080)
        }
        ProxyServer::Haproxy => {
            write("web.cfg", format!("{HAPROXY}{HAPROXY_WEB}{config}"))?;
            (&["haproxy", "-f", "web.cfg"], 8080)
        }
    };
    let mut server = Program { words: words.iter().map(|word| (*word).to_owned()).collect(), port };
    if let (ProxyServer::Microsocks, Some((user, password))) =
        (plan.server, plan.login.as_deref().and_then(|login| login.split_once(':')))
    {
        server.words.extend(["-u", user, "-P", password].map(str::to_owned));
    }
    let mut programs = vec![server];
    // squid speaks TLS itself; in front of the others, people put something that does.
    if plan.tls && !plan.server.is_squid() {
        let front = format!(
            "{HAPROXY}listen tls\n    mode tcp\n    bind :::{TLS_PORT} v4v6 ssl crt {IDENTITY}\n    \
             server proxy 127.0.0.1:{port}\n"
        );
        write("tls.cfg", front)?;
        programs.push(Program { words: ["haproxy", "-f", "tls.cfg"].map(str::to_owned).into(), port: TLS_PORT });
    }
    Ok(programs)
}

/// Debian's `squid.conf`, with the line in `conf.d` that lets the site's own networks in. Others may use the ports of
/// `SSL_ports` alone.
fn squid(plan: &ProxyPlan) -> String {
    let bump = if plan.server == ProxyServer::SquidBump {
        format!(" ssl-bump generate-host-certificates=on tls-cert={ISSUER}\n{}", SQUID_BUMP)
    } else {
        "\n".to_owned()
    };
    let tls = if plan.tls { format!("https_port {TLS_PORT} tls-cert={IDENTITY}\n") } else { String::new() };
    let login = if plan.login.is_some() { SQUID_LOGIN } else { "" };
    let ports = format!("http_port 3128{bump}{tls}");
    SQUID.replace("CONFIG\n", &format!("{login}{}http_access allow localnet\n", plan.config)) + &ports
}

impl ProxyServer {
    fn is_squid(self) -> bool {
        matches!(self, Self::Squid | Self::SquidBump)
    }
}

/// Makes the folder in which squid's certificate maker keeps what it made.
fn certificate_store(folder: &Path) -> Result<(), String> {
    let mut command = Command::new(CERTIFICATE_MAKER);
    let made = command.args(["-c", "-s", "made", "-M", "4MB"]).current_dir(folder).output();
    let made = made.map_err(|error| error.to_string())?;
    if made.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&made.stderr).into_owned()) }
}

/// `user:password` as a line of a file of `htpasswd`.
fn hashed(login: &str) -> Result<String, String> {
    let (user, password) = login.split_once(':').ok_or("a login is user:password")?;
    let output = Command::new("openssl").args(["passwd", "-apr1", password]).output();
    let hash = output.map_err(|error| error.to_string())?.stdout;
    Ok(format!("{user}:{}\n", String::from_utf8_lossy(&hash).trim()))
}

/// The first part is Debian's. What follows keeps it within its folder, and quick.
const SQUID: &str = "\
acl localnet src 10.0.0.0/8
acl localnet src fc00::/7
acl SSL_ports port 443
acl Safe_ports port 80
acl Safe_ports port 443
acl Safe_ports port 1025-65535
http_access deny !Safe_ports
http_access deny CONNECT !SSL_ports
http_access allow localhost manager
http_access deny manager
CONFIG
http_access allow localhost
http_access deny all

pid_filename none
coredump_dir .
cache_log /dev/stderr
access_log stdio:/dev/stdout
pinger_enable off
shutdown_lifetime 0 seconds
";

const SQUID_LOGIN: &str = "\
auth_param basic program /usr/lib/squid/basic_ncsa_auth passwords
auth_param basic realm Squid proxy
acl authenticated proxy_auth REQUIRED
http_access deny !authenticated
";

const SQUID_BUMP: &str = "\
sslcrtd_program /usr/lib/squid/security_file_certgen -s made -M 4MB
sslcrtd_children 2 startup=1
acl client_hello at_step SslBump1
ssl_bump peek client_hello
ssl_bump bump all
tls_outgoing_options cafile=hub.pem
";

const TINYPROXY: &str = "\
Port 8888
Timeout 600
DefaultErrorFile \"/usr/share/tinyproxy/default.html\"
StatFile \"/usr/share/tinyproxy/stats.html\"
LogLevel Info
MaxClients 100
Allow 127.0.0.1
Allow ::1
Allow 10.0.0.0/8
Allow fc00::/7
ViaProxyName \"tinyproxy\"
";

const DANTE: &str = "\
logoutput: stderr
internal: 0.0.0.0 port = 1080
external: right
clientmethod: none
socksmethod: none
client pass { from: 0/0 to: 0/0 }
CONFIG
socks pass { from: 0/0 to: 0/0 }
";

/// Debian's default site, on another port, and in a folder of its own.
const NGINX: &str = "\
daemon off;
pid nginx.pid;
error_log stderr;
events {}
http {
    access_log /dev/stdout;
    client_body_temp_path temporary;
    proxy_temp_path temporary;
    fastcgi_temp_path temporary;
    uwsgi_temp_path temporary;
    scgi_temp_path temporary;
    server {
        listen 8080 default_server;
        listen [::]:8080 default_server;
        root /usr/share/nginx/html;
        index index.html;
        server_name _;
        location / { try_files $uri $uri/ =404; }
CONFIG
    }
}
";

const HAPROXY: &str = "\
global
    log stdout format raw local0
defaults
    log global
    timeout connect 5000
    timeout client 50000
    timeout server 50000
";

const HAPROXY_WEB: &str = "\
frontend web
    mode http
    option httplog
    bind :::8080 v4v6
    default_backend hub
backend hub
    mode http
    server hub 10.77.4.2:443 ssl verify required ca-file hub.pem sni str(hub.test)
";
