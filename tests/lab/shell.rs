//! A shell in the network of a scenario, for people who want to look around.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
};

use super::{
    netns::undisturbed,
    topology::{self, NODES, Network},
};

/// Whether somebody wants one.
pub fn is_wanted() -> bool {
    env::var_os("HUBREACH_LAB_SHELL").is_some_and(|value| value == "1")
}

/// Opens it on the device, with the device's `/etc`, and returns when it ends. There, `check` runs the words of `check`, and
/// `ip netns` knows every node by its name.
#[allow(clippy::print_stderr, reason = "it speaks to a person")]
pub fn open(network: &Network, dir: &Path, check: &[String]) -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    let quoted: Vec<String> = check.iter().map(|word| format!("'{}'", word.replace('\'', r"'\''"))).collect();
    let script = dir.join("check");
    fs::write(&script, format!("#!/bin/sh\nexec {} \"$@\"\n", quoted.join(" "))).map_err(told)?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).map_err(told)?;
    let mounts = NODES.map(|node| {
        format!("touch /run/netns/{node} && mount --bind {} /run/netns/{node} && ", network.node(node).path())
    });
    let start =
        format!("mkdir /run/netns && {}PATH={}:$PATH && exec \"${{SHELL:-sh}}\"", mounts.concat(), dir.display());
    let mut words = ["sh", "-ec", &start].map(str::to_owned).into();
    topology::with_etc(dir, &mut words);
    eprintln!(
        "\nA shell on the device. `check` makes the check, `ip netns exec r1 COMMAND` runs a command on r1, `exit` goes on."
    );
    let mut command = Command::new(&words[0]);
    undisturbed(command.args(&words[1..]).stdin(Stdio::inherit()));
    network.node("dev").run(|| command.status()).and_then(|ended| ended).map_err(told)?;
    Ok(())
}
