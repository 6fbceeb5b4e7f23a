//! mosquitto, from the distribution's package.

use std::{fs, path::Path, process::Command, time::Duration};

use super::{
    certificate::Files,
    installed,
    process::{Group, free_ports},
};

/// A running broker.
#[derive(Debug)]
pub struct Mosquitto {
    pub tls: u16,
    pub websocket: u16,
    pub plain: u16,
    _group: Group,
}

/// Who may log in.
#[derive(Debug, Clone, Copy)]
pub enum Admits {
    Anyone,
    /// Everybody needs a password, and nobody has one.
    Nobody,
}

impl Mosquitto {
    pub fn start(dir: &Path, files: &Files, admits: Admits) -> Result<Self, String> {
        let dir = tempfile::tempdir_in(dir).map_err(|error| error.to_string())?.keep();
        let [tls, websocket, plain] = free_ports();
        let secure = format!(
            "certfile {}\nkeyfile {}\ncafile {}\n",
            files.chain.display(),
            files.key.display(),
            files.root.display()
        );
        let mut lines = format!(
            "per_listener_settings false\npersistence false\nlog_dest stderr\n\
             listener {tls} 127.0.0.1\n{secure}\
             listener {websocket} 127.0.0.1\nprotocol websockets\n{secure}\
             listener {plain} 127.0.0.1\n"
        );
        match admits {
            Admits::Anyone => lines += "allow_anonymous true\n",
            Admits::Nobody => {
                let passwords = dir.join("passwords");
                fs::write(&passwords, "").map_err(|error| error.to_string())?;
                lines += &format!("allow_anonymous false\npassword_file {}\n", passwords.display());
            }
        }
        // As root it becomes the user `mosquitto`, who cannot read a private directory.
        lines += "user root\n";
        let config = dir.join("mosquitto.conf");
        fs::write(&config, lines).map_err(|error| error.to_string())?;
        let program = installed::program("mosquitto").ok_or("mosquitto is not installed")?;
        let mut group = Group::start(Command::new(program).arg("-c").arg(&config), &dir.join("mosquitto.log"), None)?;
        group.wait_for(&[tls, websocket, plain], Duration::from_secs(10)).map_err(|why| format!("mosquitto {why}"))?;
        Ok(Self { tls, websocket, plain, _group: group })
    }
}
