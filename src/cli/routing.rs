//! The routes to test, from the options.

use hubreach::{Routing, RoutingError, hub::Proxy, probe::NamedProxy};

use super::{args::RouteArgs, exit::CliError};

/// Which routes are tested, and through which proxy.
pub fn routing(args: &RouteArgs) -> Result<Routing, CliError> {
    let named = |url: &String| match Proxy::parse(url) {
        Ok(proxy) => Ok(NamedProxy { proxy, source: Some("--proxy".to_owned()) }),
        Err(error) => Err(CliError::input(format!("--proxy: {error}"))),
    };
    let (routes, proxy) = (args.route.clone(), args.proxy.as_ref().map(named).transpose()?);
    Ok(Routing { routes, proxy, ..Routing::of_environment() })
}

impl From<RoutingError> for CliError {
    fn from(error: RoutingError) -> Self {
        Self::input(match error {
            RoutingError::NoProxy => format!("{error}; type --proxy http://HOST:PORT, or set https_proxy"),
            _ => error.to_string(),
        })
    }
}
