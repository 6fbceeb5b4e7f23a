//! Clients that we did not write go through proxies that we did not write, with the settings that a check through the same
//! proxy recommends, and each must get the hub's own answer.

mod client;
mod hub;
mod proxy;

use std::time::Duration;

use libtest_mimic::Trial;

use self::{
    client::{CLIENTS, Client},
    hub::Hub,
    proxy::{PROXIES, Proxy, Server},
};
use super::need;

/// For a client to log in and to be refused.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Every client with every proxy; of one that it cannot use, no setting may be recommended.
pub fn trials() -> Vec<Trial> {
    let pairs = PROXIES.iter().flat_map(|server| CLIENTS.iter().map(move |client| (server, client)));
    pairs
        .map(|(server, client)| {
            let name = format!("{}::{}", server.name, client.name);
            need::trial(&name, server.missing().or_else(|| (client.missing)()), || goes_through(server, client))
        })
        .collect()
}

/// Has one hub checked through the proxy, and the client go to another by what the check recommends: a tunnel to that one can
/// only be the client's.
fn goes_through(server: &'static Server, client: &'static Client) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (checked, hub) = (Hub::start(&folder.path().join("checked"))?, Hub::start(&folder.path().join("hub"))?);
    let proxy = Proxy::start(server, folder.path())?;
    let report = checked.check(client.protocol, &proxy.url())?;
    let recommended = &report["recommendation"];
    if (&recommended["protocol"], &recommended["route"]) != (&client.protocol.into(), &"proxy".into()) {
        return Err(format!("not {} through the proxy: {recommended:#}\n{}", client.protocol, proxy.said()));
    }
    let Some(settings) = (client.settings)(recommended) else {
        return if client.is_able(server) { Err(format!("no setting: {recommended:#}")) } else { Ok(()) };
    };
    if !client.is_able(server) {
        return Err(format!("it cannot, and yet: {settings:?}"));
    }
    let settings: Vec<String> = settings.iter().map(|setting| server.filled_in(setting)).collect();
    let port = hub.port(client.protocol)?;
    let said = client.log_in(port, &hub, &settings, folder.path())?;
    if !said.contains(client.answer) {
        return Err(format!("{settings:?}: expected {:?} in:\n{said}\n{}", client.answer, proxy.said()));
    }
    proxy.has_led_to(port)
}
