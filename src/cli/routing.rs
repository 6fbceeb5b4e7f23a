//! The routes to test, from the options and the settings of this machine.

use hubreach::{
    Routing, RoutingError,
    hub::{HubHost, Proxy},
    probe::NamedProxy,
};

use super::{args::RouteArgs, block_on, exit::CliError};

/// Which routes are tested, and through which proxy; every place that names a proxy is told in the report.
pub fn routing(args: &RouteArgs) -> Result<Routing, CliError> {
    of_options(args, block_on(Routing::of_this_machine())?)
}

/// The same for a probe that is to be quick: where only the environment counts, nothing else is read.
pub fn quick_routing(args: &RouteArgs) -> Result<Routing, CliError> {
    let environment = Routing::of_environment();
    match cfg!(any(windows, target_os = "macos")) && environment.environment.proxy.is_none() {
        true => routing(args),
        false => of_options(args, environment),
    }
}

/// The same with what this machine's proxy script says of `host`, where there is a system that evaluates it. Elsewhere it costs
/// nothing.
pub fn asked_for(routing: Routing, host: &HubHost) -> Result<Routing, CliError> {
    if cfg!(windows) { block_on(routing.asked_for(host)) } else { Ok(routing) }
}

fn of_options(args: &RouteArgs, of_machine: Routing) -> Result<Routing, CliError> {
    let named = |url: &String| match Proxy::parse(url) {
        Ok(proxy) => Ok(NamedProxy { proxy, source: Some("--proxy".to_owned()) }),
        Err(error) => Err(CliError::input(format!("--proxy: {error}"))),
    };
    let (routes, proxy) = (args.route.clone(), args.proxy.as_ref().map(named).transpose()?);
    Ok(Routing { routes, proxy, ..of_machine })
}

impl From<RoutingError> for CliError {
    fn from(error: RoutingError) -> Self {
        Self::input(match error {
            RoutingError::NoProxy => format!("{error}; type --proxy http://HOST:PORT, or set https_proxy"),
            RoutingError::Excepted { .. } => format!("{error}; name the proxy by --proxy, which no exception undoes"),
            _ => error.to_string(),
        })
    }
}
