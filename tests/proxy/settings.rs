//! Which routes the program takes: variables, exceptions and options, as their users set them.

use std::process::{Command, Output};

use hubreach::{Report, hub::Protocol, observation::WhyUnused, report::Format};
use tempfile::TempDir;

use super::{
    fixture::{Fixture, HOST},
    proxy::{Behaviour, Proxy},
};

/// The program against a hub, with a proxy that leads there.
struct Site {
    fixture: Fixture,
    proxy: Proxy,
    dir: TempDir,
}

impl Site {
    async fn new() -> Self {
        let fixture = Fixture::new().await;
        let proxy = Proxy::start(Behaviour::http().with_rules(fixture.rules())).await;
        let dir = tempfile::tempdir().expect("temporary directory");
        std::fs::write(dir.path().join("ca.pem"), fixture.authority.pem()).expect("written");
        Self { fixture, proxy, dir }
    }

    /// `hubreach check` in an environment of these variables alone.
    async fn check(&self, options: &[&str], variables: &[(&str, &str)]) -> (i32, String, String) {
        let (mqtt, web) = (self.fixture.port(Protocol::Mqtt), self.fixture.port(Protocol::Https));
        let mut command = Command::new(env!("CARGO_BIN_EXE_hubreach"));
        command.env_clear().envs(variables.iter().copied()).env("NO_COLOR", "1").env("HOME", self.dir.path());
        command.args(["check", HOST, "--address", "127.0.0.1", "--protocol", "mqtt,https", "--format", "json", "-q"]);
        command.args(["--port", &format!("mqtt={mqtt},https={web}"), "--timeout", "5s"]);
        command.arg("--ca").arg(self.dir.path().join("ca.pem")).arg("--hub-ca").arg(self.dir.path().join("ca.pem"));
        command.args(options);
        let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("runs");
        read(&output)
    }

    /// The same where it succeeds.
    async fn report(&self, options: &[&str], variables: &[(&str, &str)]) -> Report {
        let (status, stdout, stderr) = self.check(options, variables).await;
        assert_eq!((status, stderr.as_str()), (0, ""), "{options:?} {variables:?}: {stdout}");
        let report = Report::from_json(&stdout).expect("a report");
        assert_eq!(Report::from_json(&report.render(Format::Json)).expect("a report"), report);
        report
    }
}

fn read(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (output.status.code().expect("it ends by itself"), text(&output.stdout), text(&output.stderr))
}

/// The checks that were made, in a line.
fn checks(report: &Report) -> String {
    report.checks().map(|check| check.observations.id.as_str().to_owned()).collect::<Vec<_>>().join(" ")
}

const BOTH: &str = "mqtt@direct https@direct mqtt@proxy https@proxy";
const DIRECT: &str = "mqtt@direct https@direct";

/// What is said of a setting and not used.
#[track_caller]
fn unused(report: &Report) -> (String, Option<WhyUnused>) {
    let [setting] = &report.observations.vantage.proxy_settings[..] else {
        panic!("{:?}", report.observations.vantage.proxy_settings)
    };
    (setting.source.clone(), setting.unused.clone())
}

/// Windows does not tell upper case from lower in the name of a variable.
fn as_told(variable: &str) -> String {
    if cfg!(windows) { variable.to_ascii_lowercase() } else { variable.to_owned() }
}

#[tokio::test]
async fn a_variable_names_the_proxy() {
    let site = Site::new().await;
    let url = site.proxy.url();
    for variable in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        let before = site.proxy.connections().len();
        let report = site.report(&[], &[(variable, &url)]).await;
        let told = as_told(variable);
        assert_eq!((checks(&report).as_str(), unused(&report)), (BOTH, (told.clone(), None)));
        assert_eq!(site.proxy.connections().len(), before + 2, "{variable}");
        let proxy = report.observations.proxy.expect("it is recorded");
        assert_eq!(proxy.source, Some(told));
    }
    // It is for unencrypted HTTP, which no hub speaks.
    let report = site.report(&[], &[("http_proxy", &url)]).await;
    assert_eq!((checks(&report).as_str(), report.observations.proxy), (DIRECT, None));
}

#[tokio::test]
async fn an_excepted_hub_is_checked_directly_and_the_entry_is_told() {
    let site = Site::new().await;
    let url = site.proxy.url();
    for (variable, list, entry) in [
        ("no_proxy", "other.test, hub.test", "hub.test"),
        ("NO_PROXY", ".test", ".test"),
        ("NO_PROXY", "localhost,*", "*"),
    ] {
        let report = site.report(&[], &[("https_proxy", &url), (variable, list)]).await;
        let excepted = WhyUnused::Excepted { by: as_told(variable), entry: entry.to_owned() };
        assert_eq!((checks(&report).as_str(), unused(&report)), (DIRECT, ("https_proxy".to_owned(), Some(excepted))));
    }
    assert_eq!(site.proxy.connections().len(), 0);
    // A list that is about others, and a proxy that the user names.
    let others = [("https_proxy", url.as_str()), ("no_proxy", "other.test,10.0.0.0/8")];
    assert_eq!(checks(&site.report(&[], &others).await), BOTH);
    let report = site.report(&["--proxy", &url], &[("https_proxy", "http://127.0.0.1:1"), ("no_proxy", "*")]).await;
    assert_eq!((checks(&report).as_str(), unused(&report).1), (BOTH, Some(WhyUnused::Overridden)));
}

#[tokio::test]
async fn an_exception_may_be_for_one_port() {
    let site = Site::new().await;
    let (url, entry) = (site.proxy.url(), site.fixture.target_of(Protocol::Mqtt));
    let report = site.report(&[], &[("https_proxy", &url), ("no_proxy", &entry)]).await;
    assert_eq!(checks(&report), "mqtt@direct https@direct https@proxy");
    assert_eq!(site.proxy.targets(), [site.fixture.target_of(Protocol::Https)]);
}

#[tokio::test]
async fn a_route_that_is_not_wanted_is_not_taken() {
    let site = Site::new().await;
    let url = site.proxy.url();
    let report = site.report(&["--route", "direct"], &[("https_proxy", &url)]).await;
    assert_eq!((checks(&report).as_str(), unused(&report).1), (DIRECT, Some(WhyUnused::NotWanted)));
    let report = site.report(&["--route", "direct", "--proxy", &url], &[]).await;
    assert_eq!(checks(&report), DIRECT);
    assert_eq!(site.proxy.connections().len(), 0, "nobody asked for it");
    let report = site.report(&["--route", "proxy"], &[("https_proxy", &url)]).await;
    assert_eq!(checks(&report), "mqtt@proxy https@proxy");
}

#[tokio::test]
async fn a_route_that_there_is_not_is_a_mistake() {
    let site = Site::new().await;
    let url = site.proxy.url();
    for (variables, words) in [
        (&[][..], &["no proxy is set", "--proxy http://HOST:PORT", "https_proxy"][..]),
        (&[("http_proxy", url.as_str())], &["no proxy is set"]),
        (&[("https_proxy", &url), ("no_proxy", "other.test, .test")], &["no_proxy", HOST, ".test"]),
        (&[("https_proxy", "htpp://proxy.test")], &["https_proxy", "http://", "socks5h://"]),
    ] {
        let (status, stdout, stderr) = site.check(&["--route", "proxy"], variables).await;
        assert_eq!((status, stdout.as_str(), stderr.lines().count()), (2, "", 1), "{variables:?}: {stderr}");
        assert!(words.iter().all(|word| stderr.contains(word)), "{variables:?}: {stderr}");
    }
    assert_eq!(site.proxy.connections().len(), 0);
}

#[tokio::test]
async fn a_variable_that_cannot_be_used_is_told() {
    let site = Site::new().await;
    let report = site.report(&[], &[("https_proxy", "socks4://proxy.test:1080")]).await;
    assert_eq!(checks(&report), DIRECT);
    let (_, why) = unused(&report);
    assert!(matches!(&why, Some(WhyUnused::Unusable { message }) if message.contains("SOCKS version 5")), "{why:?}");
}
