//! `hubreach serve`, and a check of it as it says itself.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use super::{assert_narrow, run, support::schema};

const FREE: &str = "mqtt=0,amqp=0,https=0";

pub struct Served {
    child: Child,
    pub said: String,
}

impl Served {
    /// Starts it and reads what it says once it listens.
    pub fn start(args: &[&str]) -> Self {
        let program = assert_cmd::cargo::cargo_bin("hubreach");
        let mut child =
            Command::new(program).arg("serve").args(args).stdout(Stdio::piped()).spawn().expect("the program runs");
        let mut said = String::new();
        for line in BufReader::new(child.stdout.take().expect("piped")).lines() {
            said.push_str(&line.expect("UTF-8"));
            said.push('\n');
            if said.ends_with("Ctrl-C ends it.\n") {
                break;
            }
        }
        Self { child, said }
    }

    /// The arguments of the check that it suggests.
    pub fn suggestion(&self) -> Vec<&str> {
        let command = self.said.split("check it with:\n").nth(1).expect(&self.said);
        let words = command.split_whitespace().filter(|word| *word != "\\").skip(1);
        let last = words.clone().position(|word| word == "all").expect("--require all");
        words.take(last + 1).collect()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_it_suggests_finds_everything_allowed() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let path = |name: &str| dir.path().join(name).to_str().expect("UTF-8").to_owned();
    let (ca, saved) = (path("ca.pem"), path("report.json"));
    for more in [&[][..], &["--name", "hub.example", "--ws-path", "any"], &["--ws-path", "/mqtt"]] {
        let served = Served::start(&[&["--port", FREE, "--ca-out", &ca], more].concat());
        let mut check = served.suggestion();
        check.extend(["-q", "--output", &saved]);
        let (status, screen, stderr) = run(&check);
        assert_eq!((status, stderr.as_str()), (0, ""), "{}\n{screen}", served.said);
        assert_narrow(&screen);
        let text = fs::read_to_string(&saved).expect("written");
        schema::validate(&serde_json::from_str(&text).expect("JSON"));
        assert_eq!(run(&["diagnose", &saved, "--format", "json"]), (0, text, String::new()));
    }
}

#[test]
fn a_check_without_its_root_is_blocked() {
    let served = Served::start(&["--port", FREE]);
    // On Windows the command is one line.
    if cfg!(unix) {
        assert_narrow(&served.said);
    }
    let (status, screen, _) = run(&served.suggestion());
    assert_eq!(status, 1, "{screen}");
}

#[cfg(unix)]
#[test]
fn it_ends_well_when_told_to() {
    for signal in ["-INT", "-TERM"] {
        let mut served = Served::start(&["--port", FREE]);
        let kill = Command::new("kill").args([signal, &served.child.id().to_string()]).status().expect("kill exists");
        assert!(kill.success());
        assert_eq!(served.child.wait().expect("ends").code(), Some(0), "{signal}");
    }
}

#[test]
fn what_it_cannot_do_is_told_in_one_line() {
    let held = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let busy = format!("mqtt={}", held.local_addr().expect("bound").port());
    for (args, status, hint) in [
        (&["--port", &busy][..], 3, "--port mqtt=18883"),
        (&["--port", "amqp-ws=1"], 2, "--port https=8443"),
        (&["--port", FREE, "--listen", "192.0.2.1"], 2, "--listen 0.0.0.0"),
        (&["--port", FREE, "--listen", "hub.example"], 2, "0.0.0.0"),
        (&["--port", FREE, "--listen", "127.0.0.1:8443"], 2, "leave one of them out"),
        (&["--port", FREE, "--ws-path", "mqtt"], 2, "--ws-path /mqtt"),
        (&["--port", FREE, "--name", "bücher"], 2, "--name"),
        (&["--port", FREE, "--cert", "/nonexistent.pem"], 2, "--key"),
        (&["--port", FREE, "--cert", "/nonexistent.pem", "--key", "/nonexistent.pem"], 2, "readable PEM"),
        (&["--port", FREE, "--ca-out", "/nonexistent/ca.pem"], 2, "--ca-out"),
        (&["--port", FREE, "--ca-out", "/"], 2, "--ca-out"),
        // Before anything is served: the port that is in use is not reached.
        (&["--port", &busy, "--ca-out", "/nonexistent/ca.pem"], 2, "--ca-out"),
    ] {
        let (code, stdout, stderr) = run(&[&["serve"], args].concat());
        assert_eq!((code, stdout.as_str(), stderr.lines().count()), (status, "", 1), "{args:?}: {stderr}");
        assert!(stderr.contains(hint), "{args:?}: {stderr}");
    }
}
