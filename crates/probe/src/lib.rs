//! How `hubreach` tests: attempts at a hub over every protocol, recorded stage by stage, and experiments that tell apart what
//! looks the same at first. It records facts and judges nothing; `hubreach-model` does that.
//!
//! The rooms, each of which knows only those before it: [`wire`] holds the bytes of protocols; `net` sockets and what is spoken
//! over them; `context` what a run works with; `resolve` makes addresses of a name; `attempt` makes one attempt, stage by
//! stage; `experiment` makes the measurements that only some failures need; `run` puts them together.

mod attempt;
mod context;
mod experiment;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod net;
mod resolve;
mod run;
pub mod wire;

use hubreach_model::{diagnosis, hub, observation};

pub use context::{
    error::{SettingsError, SetupError},
    event::Event,
    parse,
    settings::{NamedProxy, SLOW_TIMEOUT, Settings},
    shared::Shared,
};
pub use net::{
    clock::{self, now, timestamp},
    families::Families,
    guard::Inner,
    os::{HintedProxy, ProxyHint, descriptors},
    pem::Pem,
    proxy_hints::{ask_proxy_script, proxy_hints},
    roots::RootsError,
    thread::{self, NoThread},
};
pub use run::{goal::Goal, observe::observe, traces::trace};
