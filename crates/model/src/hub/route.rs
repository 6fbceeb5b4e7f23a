//! How a check reaches the hub.

use crate::enum_words;

enum_words! {
    /// The way from here to the hub. The routers in between are the *path*, not the route.
    #[derive(PartialOrd, Ord)]
    pub enum Route {
        /// Straight to the hub's address.
        Direct = "direct",
        /// Through the proxy of the run, which connects to the hub.
        Proxy = "proxy",
    }
    read as "route" or UnknownRoute
}
