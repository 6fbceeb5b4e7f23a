//! A device and a hub with a link between, and nothing else.

use std::process::Command;

use hubreach::responder::{Behaviour, CertificateAuthority, Validity};
use serde_json::Value;
use tempfile::TempDir;

use super::{
    netns::Namespace,
    own_hub::{HOST, OwnHub},
    tun::{Link, Quality},
};

const DEVICE: &str = "10.77.0.1";
const HUB: &str = "10.77.0.2";

/// Both, until they are dropped.
pub struct Pair {
    device: Namespace,
    ca: String,
    // Dropped in this order.
    _hub: OwnHub,
    _link: Link,
    _dir: TempDir,
}

impl Pair {
    /// The hub's end of the link obeys `rules`, for `nft -f`.
    pub fn new(quality: Quality, rules: Option<&str>, behaviour: Behaviour) -> Result<Self, String> {
        let told = |error: std::io::Error| error.to_string();
        let (device, far) = (Namespace::new().map_err(told)?, Namespace::new().map_err(told)?);
        let link = Link::join((&device, DEVICE), (&far, HUB), quality).map_err(told)?;
        let dir = tempfile::tempdir().map_err(told)?;
        if let Some(rules) = rules {
            let file = dir.path().join("rules.nft");
            std::fs::write(&file, rules).map_err(told)?;
            let output =
                far.run(|| Command::new("nft").arg("-f").arg(&file).output()).and_then(|done| done).map_err(told)?;
            if !output.status.success() {
                return Err(format!("{}\n{rules}", String::from_utf8_lossy(&output.stderr)));
            }
        }
        let ca = dir.path().join("ca.pem");
        let authority = CertificateAuthority::new().map_err(|error| error.to_string())?;
        std::fs::write(&ca, authority.pem()).map_err(told)?;
        let identity = authority.issue(&[HOST.to_owned()], Validity::default()).map_err(|error| error.to_string())?;
        let hub = OwnHub::start(&far, behaviour, identity)?;
        Ok(Self { device, ca: ca.display().to_string(), _hub: hub, _link: link, _dir: dir })
    }

    /// A check with default options; its report.
    pub fn check(&self) -> Result<Value, String> {
        let arguments =
            ["check", HOST, "--address", HUB, "--ca", &self.ca, "--hub-ca", &self.ca, "--format", "json", "-q"];
        let program = env!("CARGO_BIN_EXE_hubreach");
        let output = self.device.run_unprivileged(program, &arguments).map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout);
        let report: Value = serde_json::from_str(&text)
            .map_err(|error| format!("{error}\n{text}{}", String::from_utf8_lossy(&output.stderr)))?;
        super::schema::validate(&report);
        Ok(report)
    }
}
