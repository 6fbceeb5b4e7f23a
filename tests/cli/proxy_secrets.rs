//! User and password of a proxy: they arrive there, decoded, and reach no output, in any form.

use std::{fmt::Write, fs, net::Ipv4Addr, path::PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hubreach::{
    observation::hex,
    responder::{CertificateAuthority, Responder, ResponderConfig, Validity},
};
use tempfile::TempDir;

use super::{
    hubreach,
    proxy::{Behaviour, Instead, Proxy, Rules, Step},
    read,
    secrets::{assert_untold, said},
};

/// HTTP's Basic has no room for a colon in a user.
const USER: &str = "us@r/%é kq7Xw2Zt";
const PASSWORD: &str = "pa:ss@w/%rd? Vn4Rb8Yc";
/// What is in no word that this program says.
const PARTS: [&str; 2] = ["kq7Xw2Zt", "Vn4Rb8Yc"];

/// Every byte that is not a letter or a digit.
fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte.is_ascii_alphanumeric() {
            true => encoded.push(char::from(byte)),
            false => write!(encoded, "%{byte:02X}").expect("a string takes all"),
        }
        encoded
    })
}

fn user_info() -> String {
    format!("{}:{}", percent_encoded(USER), percent_encoded(PASSWORD))
}

/// The parts that are the same however they are encoded in text, and what other encodings make of the whole.
fn forms() -> Vec<String> {
    let basic = STANDARD.encode(format!("{USER}:{PASSWORD}"));
    // A part of it is as good, as long as it begins at a whole byte.
    let mut forms = vec![basic[..24].to_owned(), basic[basic.len() - 24..].to_owned()];
    for text in [USER, PASSWORD] {
        forms.extend([STANDARD.encode(text), hex(text.as_bytes())]);
    }
    for part in PARTS {
        let bytes = format!("{:?}", part.as_bytes());
        forms.extend([part.to_owned(), hex(part.as_bytes()), bytes.trim_matches(['[', ']']).to_owned()]);
    }
    forms
}

/// A hub on loopback, and what the command line says of it.
struct Site {
    responder: Responder,
    dir: TempDir,
}

impl Site {
    async fn new() -> Self {
        let authority = CertificateAuthority::new().expect("an authority");
        let identity = authority.issue(&["hub.test".to_owned()], Validity::default()).expect("a certificate");
        let responder = Responder::start(ResponderConfig::loopback(identity)).await.expect("a hub");
        let dir = tempfile::tempdir().expect("temporary directory");
        fs::write(dir.path().join("ca.pem"), authority.pem()).expect("written");
        Self { responder, dir }
    }

    fn ca(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    fn rules() -> Rules {
        Rules::default().resolving("hub.test", Ipv4Addr::LOCALHOST.into())
    }

    fn args(&self, command: &str) -> Vec<String> {
        let (mqtt, web) = (self.responder.mqtt().expect("served").port(), self.responder.web().expect("served").port());
        let (ports, ca) = (format!("mqtt={mqtt},https={web}"), self.ca().display().to_string());
        let args = [command, "hub.test", "--address", "127.0.0.1", "--protocol", "mqtt,https", "--port", &ports];
        args.iter().chain(&["--ca", &ca, "--hub-ca", &ca, "--timeout", "6s"]).map(|word| (*word).to_owned()).collect()
    }

    /// Status, and all that `check` says, of this route, with the proxy given by `variable`, or after `--proxy`.
    async fn check(&self, route: &str, url: &str, variable: Option<&'static str>) -> (i32, String) {
        let (mut args, folder, url) = (self.args("check"), self.dir.path().to_owned(), url.to_owned());
        args.extend(["--route".to_owned(), route.to_owned()]);
        if variable.is_none() {
            args.extend(["--proxy".to_owned(), url.clone()]);
        }
        let run = move || {
            let variables: Vec<(&str, &str)> = variable.map(|name| (name, url.as_str())).into_iter().collect();
            said(&folder, &args, &[&variables[..], &[("HUBREACH_LOG", "trace")]].concat())
        };
        tokio::task::spawn_blocking(run).await.expect("runs")
    }
}

#[tokio::test]
async fn they_arrive_and_are_not_told() {
    let site = Site::new().await;
    let login = || Site::rules().with_login(USER, PASSWORD);
    for (what, behaviour, variable, succeeds) in [
        ("an option", Behaviour::http().with_rules(login()), None, true),
        ("our variable", Behaviour::socks().with_rules(login()), Some("HUBREACH_PROXY"), true),
        ("https_proxy", Behaviour::http().with_rules(login()), Some("https_proxy"), true),
        ("ALL_PROXY", Behaviour::socks().with_rules(login()), Some("ALL_PROXY"), true),
        ("a wrong login", Behaviour::http().with_rules(Site::rules().with_login("a", "b")), None, false),
        ("a wrong login in SOCKS", Behaviour::socks().with_rules(Site::rules().with_login("a", "b")), None, false),
        ("a port that is denied", Behaviour::http().with_rules(login().only_ports(&[1])), None, false),
    ] {
        let proxy = Proxy::start(behaviour).await;
        let (status, all) = site.check("proxy", &proxy.url_for(&user_info()), variable).await;
        assert_untold(&all, what, forms());
        assert_eq!(status == 0, succeeds, "{what}: {all}");
        let logins: Vec<_> = proxy.asked().into_iter().map(|asked| asked.login).collect();
        let arrived = Some((USER.to_owned(), PASSWORD.to_owned()));
        match (what, logins.as_slice()) {
            ("a wrong login in SOCKS", []) => {}
            (_, logins) => assert!(logins.contains(&arrived), "{what}: {logins:?}"),
        }
        assert!(
            all.contains(&format!("\"port\": {},", proxy.address().port())),
            "{what}: the proxy is not told: {all}"
        );
    }
}

/// squid's page for its administrator quotes the request; echo servers send back what they get.
#[tokio::test]
async fn a_proxy_may_send_them_back() {
    let site = Site::new().await;
    let basic = STANDARD.encode(format!("{USER}:{PASSWORD}"));
    let page = format!(
        "<html><title>Denied to {USER}</title><a href=\"mailto:admin?body=CONNECT%0D%0AProxy-Authorization%3A%20Basic%20{}\">\
         {basic} {} {PASSWORD}",
        percent_encoded(&basic),
        percent_encoded(USER),
    );
    let answer = |status: &str| {
        format!("HTTP/1.1 {status} for {USER}\r\nServer: squid ({basic})\r\nVia: {PASSWORD}\r\n\r\n{page}").into_bytes()
    };
    for (what, says) in [
        ("a page", answer("403 Denied")),
        ("a login page", answer("407 Login")),
        ("a failure", answer("502 Failed")),
        ("no HTTP", format!("{basic} {USER} {PASSWORD}").into_bytes()),
        ("no HTTP, but a password", PASSWORD.as_bytes().to_vec()),
    ] {
        let behaviour = Behaviour::http().with_rules(Site::rules()).but(Step::Request, Instead::Says(says));
        let proxy = Proxy::start(behaviour).await;
        let (_, all) = site.check("proxy", &proxy.url_for(&user_info()), None).await;
        assert_untold(&all, what, forms());
    }
}

#[tokio::test]
async fn other_commands_do_not_tell_them_either() {
    let site = Site::new().await;
    let proxy = Proxy::start(Behaviour::http().with_rules(Site::rules().with_login(USER, PASSWORD))).await;
    let url = proxy.url_for(&user_info());
    let plan = site.dir.path().join("plan.toml");
    let ca = site.ca().display().to_string();
    let ports = site.args("check")[7].replace(',', ", ").replace('=', " = ");
    let text = format!(
        "[[target]]\nhub = \"hub.test\"\nca = \"{ca}\"\nhub-ca = \"{ca}\"\naddress = [\"127.0.0.1\"]\nport = {{ {ports} }}\n"
    );
    fs::write(&plan, text).expect("written");
    let audit = ["audit".to_owned(), plan.display().to_string(), "--format".to_owned(), "json".to_owned()];
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<String>>();
    let health = site.args("health");
    for args in [
        health,
        audit.to_vec(),
        words("--help"),
        words("check --help"),
        words("check -h"),
        words("health --help"),
        words("audit --help"),
        words("exporter --help"),
        words("trace --help"),
        words("completions bash"),
        words("explain proxy-auth-required"),
        words("check"),
        words("check hub.test --protocol telnet"),
    ] {
        for variable in ["HUBREACH_PROXY", "https_proxy", "ALL_PROXY"] {
            let (args, url, what) = (args.clone(), url.clone(), format!("{args:?} with {variable}"));
            let run = move || hubreach(&[]).args(args).env(variable, url).env("HUBREACH_LOG", "trace").output();
            let output = tokio::task::spawn_blocking(run).await.expect("no panic").expect("runs");
            let (_, stdout, stderr) = read(&output);
            assert_untold(&(stdout + &stderr), &what, forms());
        }
    }
    let logins = proxy.asked().into_iter().filter(|asked| asked.login.is_some()).count();
    assert!(logins > 3, "{logins} requests with a login");
}

#[test]
fn what_is_no_proxy_is_not_repeated() {
    let info = user_info();
    let plain = format!("{}:{}", PARTS[0], PARTS[1]);
    for url in [
        format!("http://{info}@:99999"),
        format!("http://{info}@proxy.test:99999"),
        format!("htpp://{info}@proxy.test:3128"),
        format!("http//{info}@proxy.test:3128"),
        format!("http:/{info}@proxy.test:3128"),
        format!("http:{info}@proxy.test:3128"),
        format!("socks4://{info}@proxy.test:1080"),
        format!("http://{info}proxy.test:3128"),
        format!("http://{info}@"),
        format!("http://{info}"),
        format!("http://{plain}"),
        format!("http://{plain}/@proxy.test:3128"),
        format!("http://{USER}:{PASSWORD}@proxy.test:3128"),
        format!("http://{plain}@bücher.test:3128"),
        format!("{plain}@[::1"),
        format!("socks5://{}:{}@proxy.test", PARTS[0], PARTS[1].repeat(40)),
        format!("http://{}@proxy.test:3128", plain.repeat(300)),
    ] {
        let mut lines = vec![
            vec!["check", "hub.test", "--proxy", &url],
            vec!["health", "hub.test", "--proxy", &url],
            vec!["audit", "hub.test", "--proxy", &url],
        ];
        let (glued, misspelt) = (format!("--proxy={url}"), format!("--proxi={url}"));
        lines.push(vec!["check", "hub.test", &glued]);
        // Elsewhere, only what has a user is known for what it is.
        if url.contains('@') {
            lines.extend([
                vec!["check", &url],
                vec!["check", "hub.test", "--route", &url],
                vec!["check", "hub.test", "--address", &url],
                vec!["check", "hub.test", "--proxi", &url],
                vec!["check", "hub.test", &misspelt],
            ]);
        }
        for args in lines {
            let output = hubreach(&args).env("HUBREACH_LOG", "trace").output().expect("runs");
            let (status, stdout, stderr) = read(&output);
            assert!(status != 0, "{args:?}: {stdout}");
            assert_untold(&(stdout + &stderr), &format!("{args:?}"), forms());
        }
    }
}

/// What the environment names and cannot be used does not stop a check of the direct route.
#[tokio::test]
async fn a_variable_that_holds_no_proxy_is_told_without_it() {
    let site = Site::new().await;
    for url in [format!("htpp://{}@proxy.test:3128", user_info()), format!("http://{}@:99999", user_info())] {
        for variable in ["https_proxy", "ALL_PROXY"] {
            let (status, all) = site.check("direct", &url, Some(variable)).await;
            assert_eq!(status, 0, "{all}");
            assert_untold(&all, variable, forms());
            // Windows does not tell upper case from lower in the name of a variable.
            let told = if cfg!(windows) { variable.to_ascii_lowercase() } else { variable.to_owned() };
            assert!(all.contains(&told), "{all}");
        }
    }
}
