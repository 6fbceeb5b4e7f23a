//! OpenSSL's test server: one combination of version, suites and key on a port of loopback.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use super::{
    certificate::{Files, HOST},
    installed,
    process::{self, Group, free_ports},
};

/// A running server.
#[derive(Debug)]
pub struct OpenSsl {
    pub port: u16,
    _group: Group,
}

/// The key of the server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Rsa,
    Ec,
    Dsa,
}

impl OpenSsl {
    pub fn start(dir: &Path, files: &Files, arguments: &[&str]) -> Result<Self, String> {
        let [port] = free_ports();
        let mut command = Command::new(program()?);
        command.args(["s_server", "-quiet", "-accept", &format!("127.0.0.1:{port}")]);
        command.arg("-cert").arg(&files.chain).arg("-key").arg(&files.key).args(arguments);
        let mut group = Group::start(&mut command, &dir.join(format!("s_server-{port}.log")), None)?;
        group.wait_for(&[port], Duration::from_secs(10)).map_err(|why| format!("s_server {arguments:?} {why}"))?;
        Ok(Self { port, _group: group })
    }
}

/// A root of OpenSSL's own making, and a certificate with such a key.
pub fn certificate(dir: &Path, key: Key) -> Result<Files, String> {
    let dir = tempfile::tempdir_in(dir).map_err(|error| error.to_string())?.keep();
    let path = |name: &str| dir.join(name).display().to_string();
    let (root, root_key, leaf, own) = (path("root.pem"), path("root.key"), path("leaf.pem"), path("leaf.key"));
    let alternative = format!("subjectAltName=DNS:{HOST}");
    let made = |arguments: &[&str]| -> Result<(), String> {
        let ended = process::run(Command::new(program()?).args(arguments), &dir, Duration::from_secs(20))?;
        let failed = || format!("openssl {arguments:?}: {:?} {}", ended.status, ended.stderr);
        (ended.status == Some(0)).then_some(()).ok_or_else(failed)
    };
    let rsa = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    made(&[&["genpkey", "-out", &root_key][..], &rsa].concat())?;
    match key {
        Key::Rsa => made(&[&["genpkey", "-out", &own][..], &rsa].concat())?,
        Key::Ec => made(&["genpkey", "-out", &own, "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])?,
        Key::Dsa => {
            let parameters = path("dsa.pem");
            made(&[
                "genpkey",
                "-genparam",
                "-algorithm",
                "DSA",
                "-out",
                &parameters,
                "-pkeyopt",
                "dsa_paramgen_bits:2048",
            ])?;
            made(&["genpkey", "-out", &own, "-paramfile", &parameters])?;
        }
    }
    let authority = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"];
    let root_is = ["req", "-x509", "-new", "-key", &root_key, "-out", &root, "-days", "30", "-subj", "/CN=Test Root"];
    made(&[&root_is[..], &authority].concat())?;
    made(&[
        "req",
        "-x509",
        "-new",
        "-key",
        &own,
        "-CA",
        &root,
        "-CAkey",
        &root_key,
        "-out",
        &leaf,
        "-days",
        "20",
        "-subj",
        "/CN=hub.test",
        "-addext",
        &alternative,
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    ])?;
    Ok(Files { root: root.into(), chain: leaf.into(), key: own.into() })
}

fn program() -> Result<PathBuf, String> {
    installed::program("openssl").ok_or_else(|| "openssl is not installed".to_owned())
}
