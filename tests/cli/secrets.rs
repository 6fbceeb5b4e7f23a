//! Credentials that stand where they do not belong, or that a peer sends, reach no output: no format, no log, no message.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::Path,
};

use hubreach::{
    observation::hex,
    report::Format,
    responder::{
        Answer, Behaviour, CertificateAuthority, PortMode, Responder, ResponderConfig, Upgrade, Validity,
        WebSocketBehaviour,
    },
};

use super::{hubreach, read};

const SECRET: &str = "c2VjcmV0S2V5MTIz";
/// As a hub's key looks, without a word that says what it is.
const BARE_KEY: &str = "q1vRaM3kX9pT7bW2cL5nD8fH4jK6mS0uY1zE3xG5rQ8=";

/// All that `hubreach` says in each format, with logs, and every file that it writes.
pub fn said(dir: &Path, args: &[String], variables: &[(&str, &str)]) -> (i32, String) {
    let out = dir.join("out");
    fs::create_dir_all(&out).expect("made");
    let mut all = String::new();
    let mut status = 0;
    for format in Format::ALL.iter().copied() {
        let mut command = hubreach(&[]);
        command.args(args).args(["-v", "--format", format.id()]).env("HUBREACH_LOG", "debug,hubreach=trace");
        command.envs(variables.iter().copied());
        for file in Format::ALL.iter().copied() {
            command.arg("--output").arg(out.join(format!("{}.{}", format.id(), file.suffix())));
        }
        let (code, stdout, stderr) = read(&command.output().expect("runs"));
        status = code;
        all += &(stdout + &stderr);
    }
    for file in fs::read_dir(&out).expect("there") {
        all += &fs::read_to_string(file.expect("an entry").path()).expect("UTF-8");
    }
    (status, all)
}

#[track_caller]
fn assert_kept(all: &str, what: &str) {
    let bare = BARE_KEY.to_owned();
    assert_untold(all, what, [SECRET.to_owned(), hex(SECRET.as_bytes()), bare]);
}

/// None of `secrets` is in `all`.
#[track_caller]
pub fn assert_untold(all: &str, what: &str, secrets: impl IntoIterator<Item = String>) {
    for secret in secrets {
        let around = all.split_once(&secret).map(|(before, after)| {
            let before: Vec<char> = before.chars().rev().take(80).collect();
            let after: String = after.chars().take(60).collect();
            format!("{}{secret}{after}", before.iter().rev().collect::<String>())
        });
        assert_eq!(around, None, "{what}: {secret} is told");
    }
}

fn closed() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("loopback").local_addr().expect("bound").port()
}

#[test]
fn those_of_a_proxy_in_the_environment() {
    let address = format!("https={}", closed());
    let mut command =
        hubreach(&["check", "a.test", "--address", "127.0.0.1", "--protocol", "https", "--port", &address]);
    command.env("https_proxy", format!("http://{SECRET}:{SECRET}@proxy.test:3128/{SECRET}"));
    let (_, stdout, stderr) =
        read(&command.env("HUBREACH_LOG", "debug,hubreach=trace").args(["--format", "json"]).output().expect("runs"));
    assert!(stdout.contains("\"proxy\": \"http://proxy.test:3128\""), "{stdout}");
    assert_kept(&(stdout + &stderr), "a proxy");
}

/// What stands in the wrong variable is a path that leads nowhere, which the log tells.
#[test]
fn those_in_the_place_of_the_trust_store() {
    let port = format!("https={}", closed());
    for variable in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        for value in [format!("HostName=a.test;SharedAccessKey={SECRET}"), BARE_KEY.to_owned()] {
            let mut command =
                hubreach(&["check", "a.test", "--address", "127.0.0.1", "--protocol", "https", "--port", &port]);
            command.env(variable, value).env("HUBREACH_LOG", "debug,hubreach=trace");
            let (status, stdout, stderr) = read(&command.output().expect("runs"));
            assert_eq!(status, 1, "{stderr}");
            assert!(stderr.contains("part of the trust store was not read"), "{stderr}");
            assert_kept(&(stdout + &stderr), variable);
        }
    }
}

/// The key of a function, as portals show it.
#[test]
fn those_in_an_address_in_the_wrong_place() {
    let address = format!("https://a.test/api/f?code={SECRET}");
    for args in [vec!["diagnose", &*address], vec!["explain", &address], vec!["check", "a.test", "--kind", &address]] {
        let (status, stdout, stderr) = read(&hubreach(&args).output().expect("runs"));
        assert_eq!(status, 2, "{args:?}: {stderr}");
        assert!(stderr.contains("(not shown"), "{args:?}: {stderr}");
        assert_kept(&(stdout + &stderr), &address);
    }
}

#[test]
fn those_in_a_plan() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let connection = format!("HostName=a.test;DeviceId=d;SharedAccessKey={SECRET}");
    let target = format!("address = [\"127.0.0.1\"]\nport = {{ https = {}, mqtt-ws = {0} }}\n", closed());
    for (what, text, status) in [
        (
            "title",
            format!(
                "title = \"Plant 7 {connection}\"\n[[target]]\nhub = \"a.test\"\nprotocol = [\"https\", \"mqtt-ws\"]\n{target}"
            ),
            1,
        ),
        (
            "a title with a bare key",
            format!(
                "title = \"Plant 7 {BARE_KEY}\"\n[[target]]\nhub = \"a.test\"\nnote = \"{BARE_KEY}\"\nprotocol = [\"https\", \"mqtt-ws\"]\n{target}"
            ),
            1,
        ),
        ("a bare key as ca", format!("[[target]]\nhub = \"a.test\"\nca = \"keys/{BARE_KEY}/ca.pem\"\n"), 2),
        ("hub", format!("[[target]]\nhub = \"{connection}\"\nprotocol = [\"https\", \"mqtt-ws\"]\n{target}"), 1),
        (
            "paths",
            format!(
                "[[target]]\nhub = \"a.test\"\nprotocol = [\"https\", \"mqtt-ws\"]\nws-path = \"/mqtt?sig={SECRET}\"\nhttps-path = \"/x?token={SECRET}\"\n{target}"
            ),
            1,
        ),
        ("a path without /", format!("[[target]]\nhub = \"a.test\"\nws-path = \"sig={SECRET}\"\n"), 2),
        ("ca", format!("[defaults]\nca = \"{connection}\"\n[[target]]\nhub = \"a.test\"\n"), 2),
        ("ca as a URL", format!("[[target]]\nhub = \"a.test\"\nca = \"https://user:{SECRET}@a.test/ca.pem\"\n"), 2),
        ("hub-ca", format!("[[target]]\nhub = \"a.test\"\nhub-ca = \"ca.pem?sig={SECRET}\"\n"), 2),
        ("a word", format!("[[target]]\nhub = \"a.test\"\nkind = \"{connection}\"\n"), 2),
        ("a key", format!("[[target]]\nhub = \"a.test\"\n\"{connection}\" = 1\n"), 2),
        ("a line", format!("{connection}\n[[target]]\nhub = \"a.test\"\n"), 2),
        ("a requirement", format!("[[target]]\nhub = \"a.test\"\nrequire = \"{connection}\"\n"), 2),
        ("an address", format!("[[target]]\nhub = \"a.test\"\naddress = [\"user:{SECRET}@10.0.0.1\"]\n"), 2),
        ("a companion", format!("[[target]]\nhub = \"a.test\"\ncompanion = [\"{SECRET} {SECRET}\"]\n"), 2),
    ] {
        let plan = dir.path().join("plan.toml");
        fs::write(&plan, text).expect("written");
        let (code, all) = said(dir.path(), &["audit".to_owned(), plan.display().to_string()], &[]);
        assert_eq!(code, status, "{what}: {all}");
        assert_kept(&all, what);
        if what == "title" {
            assert!(all.contains("Plant 7 HostName=a.test;DeviceId=d;SharedAccessKey=(not shown)"), "{all}");
        }
        fs::remove_dir_all(dir.path().join("out")).expect("there");
    }
}

/// A redirect as captive portals and gateways send it, with all that may name a session or a user.
fn redirect() -> (u16, Vec<(String, String)>, String) {
    let headers = [
        ("Location", format!("https://user:{SECRET}@portal.test/in/{SECRET}?session={SECRET}#access_token={SECRET}")),
        ("WWW-Authenticate", format!("Negotiate {SECRET}, Bearer realm=\"https://portal.test/?state={SECRET}\"")),
        ("Server", format!("gateway (password={SECRET})")),
        ("Set-Cookie", format!("session={SECRET}")),
    ];
    let body = format!(
        "<html><meta http-equiv=refresh content=\"0; url=http://portal.test/in?mac=1&amp;key={SECRET}\">\
         Cannot GET /devices?sig={SECRET} <input type=hidden name=state value='{SECRET}'>\
         <script>var x = {{\"token\": \"{SECRET}\"}}; go('http://admin:{SECRET}@portal.test')</script>"
    );
    (302, headers.map(|(name, value)| (name.to_owned(), value)).into(), body)
}

#[tokio::test]
async fn those_that_a_peer_sends() {
    let authority = CertificateAuthority::new().expect("an authority");
    let identity = || authority.issue(&["hub.test".to_owned()], Validity::default()).expect("a certificate");
    let clear = format!("HTTP/1.1 302 Found\r\nLocation: http://a:{SECRET}@portal.test/");
    let (status, headers, body) = redirect();
    let behaviour = Behaviour {
        mqtt_port: PortMode::Plain(clear.into_bytes()).into(),
        mqtt: Answer::Proper,
        https: Answer::Http { status, headers: headers.clone(), body: body.clone() },
        mqtt_ws: WebSocketBehaviour {
            upgrade: Upgrade::Refuse { status, headers: headers.clone(), body: body.clone() },
            ..WebSocketBehaviour::default()
        },
        amqp_ws: WebSocketBehaviour {
            upgrade: Upgrade::Refuse { status: 401, headers, body },
            ..WebSocketBehaviour::default()
        },
        ..Behaviour::default()
    };
    let hub = Responder::start(ResponderConfig::loopback(identity()).behaving(behaviour)).await.expect("a hub");
    let dir = tempfile::tempdir().expect("temporary directory");
    let ca = dir.path().join("ca.pem");
    fs::write(&ca, authority.pem()).expect("written");
    let port = |at: Option<SocketAddr>| at.expect("served").port();
    let ports = format!(
        "mqtt={},amqp={},https={2},mqtt-ws={2},amqp-ws={2}",
        port(hub.mqtt()),
        port(hub.amqp()),
        port(hub.web())
    );
    let ca = ca.display().to_string();
    let args = ["check", "hub.test", "--address", "127.0.0.1", "--port", &ports, "--ca", &ca, "--hub-ca", &ca];
    let args: Vec<String> = args.iter().chain(&["--timeout", "6s"]).map(|word| (*word).to_owned()).collect();
    let folder = dir.path().to_owned();
    let (_, all) = tokio::task::spawn_blocking(move || said(&folder, &args, &[])).await.expect("runs");
    assert_kept(&all, "a peer's words");
    // What tells who answered is still there.
    for kept in ["https://(not shown)@portal.test/in/(not shown)", "302", "gateway (password=(not shown)"] {
        assert!(all.contains(kept), "{kept}: {all}");
    }
    assert!(all.contains(&hex(b"HTTP/1.1 302 Found\r\nLocation: http://")), "{all}");
}

#[test]
fn those_in_options_and_the_environment() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let url = format!("https://user:{SECRET}@a.test/x.json");
    for args in [
        vec!["check", "a.test", "--kind", BARE_KEY],
        vec!["check", "a.test", "--protocol", BARE_KEY],
        vec!["check", BARE_KEY],
        vec!["check", "a.test", "--output", &url],
        vec!["diagnose", &url],
        vec!["diff", &url, &url],
        vec!["audit", "a.test", "--ca", &url],
        vec!["audit", "a.test", "--ca", BARE_KEY],
        vec!["exporter", "a.test", "--hub-ca", &url],
        vec!["serve", "--cert", &url, "--key", &url],
        vec!["serve", "--port", "mqtt=0,amqp=0,https=0", "--ca-out", &url],
        vec!["man", "--dir", &url],
    ] {
        let output = hubreach(&args).current_dir(dir.path()).output().expect("runs");
        let (status, stdout, stderr) = read(&output);
        assert!(status == 2 || status == 3, "{args:?}: {stderr}");
        assert_kept(&(stdout + &stderr), &format!("{args:?}"));
    }
    for variable in ["HUBREACH_CA", "HUBREACH_HUB_CA", "HUBREACH_LOG", "HUBREACH_DEPTH"] {
        let mut command = hubreach(&["check", "a.test", "--address", "127.0.0.1", "--timeout", "1s"]);
        let (status, stdout, stderr) = read(&command.env(variable, &url).output().expect("runs"));
        // A filter of logs may have any name in it.
        assert!(status == 2 || variable == "HUBREACH_LOG", "{variable}: {stderr}");
        assert_kept(&(stdout + &stderr), variable);
    }
}
