//! The proxy of Azure IoT Edge's agent.

use std::path::Path;

use super::{ProxyHint, files::Files, hint_by_variables};

const CONFIG: &str = "/etc/aziot/config.toml";

pub(super) fn hints(files: &Files) -> Option<ProxyHint> {
    hint(CONFIG, &files.read(Path::new(CONFIG))?)
}

/// What the file sets in the environment of the agent.
pub(super) fn hint(file: &str, text: &str) -> Option<ProxyHint> {
    let config: toml::Table = text.parse().ok()?;
    let environment = config.get("agent")?.get("env")?;
    let get = |name: &str| environment.get(name)?.as_str().map(str::to_owned);
    let mut hint = hint_by_variables(file, get, |variable| variable)?;
    hint.place = hint.place.replacen(": ", ": agent.env.", 1);
    Some(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::os::proxy_settings::tests::told;

    #[test]
    fn the_environment_of_the_agent_is_read() {
        let text = "[provisioning]\nsource = \"manual\"\nconnection_string = \"HostName=h;SharedAccessKey=s3cret\"\n\
                    [agent]\nname = \"edgeAgent\"\n[agent.env]\nUpstreamProtocol = \"AmqpWs\"\n\
                    https_proxy = \"http://u:s3cret@proxy.corp:3128\"\n";
        assert_eq!(told(hint("/f", text)), ["/f: agent.env.https_proxy = http://proxy.corp:3128"]);
        for other in ["agent.env.https_proxy = 'proxy.corp:3128'", "[agent]\nenv = { https_proxy = 'proxy.corp:3128' }"]
        {
            assert_eq!(told(hint("/f", other)), ["/f: agent.env.https_proxy = http://proxy.corp:3128"]);
        }
        for none in ["", "[agent", "agent = 1", "[agent.env]\nhttps_proxy = 1", "https_proxy = 'a:1'"] {
            assert_eq!(hint("/f", none), None, "{none}");
        }
        assert_eq!(hint("/f", &format!("a = {}", "[".repeat(60_000))), None);
    }
}
