//! Certificates that no authority of our own would issue, made by OpenSSL as a scenario's script has it.

use std::{fs, path::Path, process::Command};

/// What scripts are written with. Each names its files after the first word.
const WORDS: &str = r#"
key() { [ -e "$1.key" ] || openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }
# root NAME SUBJECT DAYS
root() {
    key "$1"
    openssl req -x509 -new -key "$1.key" -subj "$2" -days "$3" -out "$1.pem" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=keyCertSign
}
# signed NAME BY SUBJECT EXTENSIONS [DIGEST]
signed() {
    key "$1"
    openssl req -new -key "$1.key" -subj "$3" -out "$1.csr"
    printf '%b\n' "$4" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 365 "-${5:-sha256}" \
        -extfile "$1.ext" -out "$1.pem"
}
authority="basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign"
server="basicConstraints=CA:FALSE\nsubjectAltName=DNS:hub.test"
"#;

/// The files that a script leaves: what the hub shows and its key, what the device trusts, and what are the hub's own roots.
pub const CHAIN: &str = "hub-chain.pem";
pub const KEY: &str = "hub-key.pem";
pub const DEVICE: &str = "device.pem";
pub const ROOTS: &str = "hub.pem";

/// Runs a script in `dir`, where it leaves those files.
pub fn make(script: &str, dir: &Path) -> Result<(), String> {
    let said = run(script, dir)?;
    match [CHAIN, KEY, DEVICE, ROOTS].into_iter().find(|file| fs::metadata(dir.join(file)).is_err()) {
        None => Ok(()),
        Some(file) => Err(format!("the script leaves no {file}: {said}")),
    }
}

/// Runs a script in `dir`, whatever it leaves there, and returns what it said.
pub fn run(script: &str, dir: &Path) -> Result<String, String> {
    let output = Command::new("sh").args(["-ec", &format!("{WORDS}{script}")]).current_dir(dir).output();
    let output = output.map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(said) } else { Err(format!("the script fails: {said}")) }
}
