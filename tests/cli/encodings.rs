//! Files as Windows' own tools write them: with a byte-order mark, in UTF-16; and others, which are said to be what they are.

use std::{fs, path::Path};

use hubreach::{
    report::{Format, render},
    responder::{CertificateAuthority, Responder, ResponderConfig, Validity},
};

use super::{hubreach, read, support::samples};

/// `text` as PowerShell, old PowerShell and Notepad write it.
fn coded(text: &str) -> [(&'static str, Vec<u8>); 5] {
    let marked = || "\u{feff}".encode_utf16().chain(text.encode_utf16());
    [
        ("UTF-8", text.into()),
        ("UTF-8 with a mark", format!("\u{feff}{text}").into()),
        ("UTF-16LE", marked().flat_map(u16::to_le_bytes).collect()),
        ("UTF-16BE", marked().flat_map(u16::to_be_bytes).collect()),
        ("UTF-16LE without a mark", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ]
}

/// Bytes that are no text, and what is said of them.
fn odd() -> [(&'static str, Vec<u8>); 3] {
    let utf32 = "title".chars().flat_map(|letter| u32::from(letter).to_le_bytes()).collect();
    let mut cut = coded("title = \"x\"")[2].1.clone();
    cut.pop();
    [("UTF-32", utf32), ("UTF-16, and damaged", cut), ("no text in UTF-8 from byte 11", b"title = \"P\xfcmpe\"".into())]
}

#[test]
fn saved_reports() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let path = dir.path().join("report.json");
    let report = render(&[samples::field()], Format::Json);
    let lines = render(&samples::audit(), Format::Ndjson);
    for text in [&report, &lines] {
        let mut screens = Vec::new();
        for (coding, bytes) in coded(text) {
            fs::write(&path, &bytes).expect("written");
            let file = read(&hubreach(&["diagnose"]).arg(&path).output().expect("runs"));
            let piped = read(&hubreach(&["diagnose", "-"]).write_stdin(bytes.clone()).output().expect("runs"));
            assert!(file.2.is_empty() && file.0 < 2, "{coding}: {}", file.2);
            let diff = read(&hubreach(&["diff", "-"]).arg(&path).write_stdin(bytes).output().expect("runs"));
            assert_eq!((diff.0, diff.2.as_str()), (0, ""), "{coding}");
            screens.extend([file, piped]);
        }
        assert!(screens.windows(2).all(|pair| pair[0] == pair[1]));
    }
    for (told, bytes) in odd() {
        let (status, stdout, stderr) = read(&hubreach(&["diagnose", "-"]).write_stdin(bytes).output().expect("runs"));
        assert_eq!((status, stdout.as_str(), stderr.lines().count()), (2, "", 1), "{stderr}");
        assert!(stderr.contains(told) && stderr.contains("save it as UTF-8"), "{told}: {stderr}");
    }
}

#[test]
fn plans_and_lists_of_hubs() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let path = dir.path().join("plan.toml");
    let plan = "title = \"Pumpwerk Süd\"\r\n[[target]]\r\nhub = \"a.test\"\r\naddress = [\"127.0.0.1\"]\r\n\
                depth = \"connect\"\r\nprotocol = [\"mqtt\"]\r\nport = { mqtt = 1 }\r\n";
    for (coding, bytes) in coded(plan) {
        fs::write(&path, bytes).expect("written");
        let (status, stdout, stderr) = read(&hubreach(&["audit"]).arg(&path).output().expect("runs"));
        assert_eq!((status, stderr.as_str()), (1, ""), "{coding}");
        assert!(stdout.starts_with("Pumpwerk Süd: "), "{coding}: {stdout}");
    }
    let options = ["--address", "127.0.0.1", "--depth", "connect", "--protocol", "mqtt", "--port", "mqtt=1"];
    for (coding, bytes) in coded("# Hubs\r\na.test\r\n\r\n\u{feff}b.test # second\r\n") {
        let mut audit = hubreach(&["audit", "-", "--format", "csv"]);
        let (status, stdout, stderr) = read(&audit.args(options).write_stdin(bytes).output().expect("runs"));
        assert_eq!((status, stderr.as_str()), (1, ""), "{coding}");
        assert!(stdout.contains("a.test") && stdout.contains("b.test"), "{coding}: {stdout}");
    }
    for (told, bytes) in odd() {
        fs::write(&path, &bytes).expect("written");
        let plan = read(&hubreach(&["audit"]).arg(&path).output().expect("runs"));
        let list = read(&hubreach(&["audit", "-"]).write_stdin(bytes).output().expect("runs"));
        for (status, _, stderr) in [plan, list] {
            assert_eq!((status, stderr.lines().count()), (2, 1), "{stderr}");
            assert!(stderr.contains(told) && stderr.contains("save it as UTF-8"), "{told}: {stderr}");
        }
    }
}

#[tokio::test]
async fn certificates() {
    let authority = CertificateAuthority::new().expect("an authority");
    let identity = authority.issue(&["hub.test".to_owned()], Validity::default()).expect("a certificate");
    let hub = Responder::start(ResponderConfig::loopback(identity)).await.expect("a hub");
    let dir = tempfile::tempdir().expect("temporary directory");
    let folder = dir.path().to_owned();
    let port = format!("mqtt={}", hub.mqtt().expect("served").port());
    let pem = authority.pem();
    tokio::task::spawn_blocking(move || {
        let ca = folder.join("ca.pem").display().to_string();
        let args = ["health", "hub.test", "--address", "127.0.0.1", "--protocol", "mqtt", "--port", &port, "--ca", &ca];
        for (coding, bytes) in coded(&pem) {
            fs::write(&ca, bytes).expect("written");
            let (status, stdout, stderr) = read(&hubreach(&args).output().expect("runs"));
            assert_eq!((status, stderr.as_str()), (0, ""), "{coding}: {stdout}");
        }
        fs::write(&ca, pem.chars().flat_map(|letter| u32::from(letter).to_le_bytes()).collect::<Vec<u8>>())
            .expect("written");
        let (_, _, stderr) = read(&hubreach(&args).output().expect("runs"));
        assert!(stderr.contains("UTF-32"), "{stderr}");
        chains(&folder);
    })
    .await
    .expect("runs");
}

/// What `serve` shows, and its key.
fn chains(folder: &Path) {
    let made = rcgen::generate_simple_self_signed(["hub.test".to_owned()]).expect("made");
    let at = |name: &str| folder.join(name).display().to_string();
    let (cert, key) = (at("cert.pem"), at("key.pem"));
    let held = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback");
    // A port that is taken: the certificate is good if that is what is wrong.
    let ports = format!("amqp=0,https=0,mqtt={}", held.local_addr().expect("bound").port());
    for ((coding, chain), (_, secret)) in
        coded(&made.cert.pem()).into_iter().zip(coded(&made.signing_key.serialize_pem()))
    {
        fs::write(&cert, chain).expect("written");
        fs::write(&key, secret).expect("written");
        let serve = ["serve", "--port", &ports, "--cert", &cert, "--key", &key];
        let (status, _, stderr) = read(&hubreach(&serve).output().expect("runs"));
        assert!(status == 3 && stderr.contains("is in use"), "{coding}: {stderr}");
    }
}
