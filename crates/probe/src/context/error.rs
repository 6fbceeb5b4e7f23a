//! Why there is nothing to report.

use std::{io, net::IpAddr};

use crate::{
    hub::{Protocol, Route, limits::MOST_ADDRESSES},
    net::{guard::Inner, os, roots::RootsError, thread::NoThread},
};

/// Why a run could not be made at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// A file of roots cannot be used: wrong input.
    #[error(transparent)]
    Roots(RootsError),
    /// The deadline came while a file of roots was read: a file system that hangs, or a pipe.
    #[error("the root certificates could not be read by the deadline")]
    RootsLate,
    /// The user ended the run while a file of roots was still being read.
    #[error("interrupted before anything was tested: the root certificates were still being read")]
    Interrupted,
    /// The name stands for what is closed to it; nothing was sent there.
    #[error(
        "the name stands for {address}, {what}: hubs that a pattern allows may not; name the hub itself to have it probed"
    )]
    Guarded {
        /// Where it would have led.
        address: IpAddr,
        /// What that is.
        what: Inner,
    },
    /// Every attempt failed for want of file descriptors, ports or memory.
    #[error("this machine lacks a resource: {0}; close other programs or raise the limit (`ulimit -n`)")]
    NoResources(String),
    /// What blocks could not be given a thread of its own.
    #[error("{0}; close other programs or raise the limit of processes (`ulimit -u`, or a container's pids limit)")]
    NoThread(#[from] NoThread),
    /// This system cannot do it.
    #[error("{0}")]
    Unsupported(&'static str),
    /// The settings do not go together.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A fault of our own.
    #[error("internal fault: {0}; please report it")]
    Internal(String),
}

impl From<RootsError> for SetupError {
    fn from(error: RootsError) -> Self {
        error.lacking().and_then(Self::lacking).unwrap_or(Self::Roots(error))
    }
}

impl SetupError {
    /// What `error` of the system says this machine lacks, if that is what it says.
    pub fn lacking(error: &io::Error) -> Option<Self> {
        os::is_fd_exhausted(error).then(|| Self::NoResources(error.to_string()))
    }

    /// Whether other input would fix it.
    pub fn is_input(&self) -> bool {
        matches!(self, Self::Roots(_) | Self::Settings(_))
    }
}

/// Why settings do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// What is not tested cannot be required.
    #[error("{missing} is required but not tested; require some of: {}, or test {missing} too", ids(.tested))]
    RequiredNotTested {
        /// What is required.
        missing: Protocol,
        /// What is tested.
        tested: Vec<Protocol>,
    },
    /// What is not tested on a route cannot be required on it.
    #[error(
        "{missing}@{route} is required, but that route is not tested; require {missing} alone, or test the route too"
    )]
    RequiredRouteNotTested {
        /// What is required.
        missing: Protocol,
        /// Its route.
        route: Route,
    },
    /// A check leads through a proxy, and none is set.
    #[error("no proxy is set through which checks could be made")]
    NoProxy,
    /// No name is resolved where the addresses are given.
    #[error("where the addresses are given, no name server is asked; leave one of the two out")]
    AddressesAndResolvers,
    /// More addresses of a family than are tested.
    #[error("at most {MOST_ADDRESSES} addresses of a family are tested; leave some of them out")]
    TooManyAddresses,
    /// The only family that is tried has none of the addresses.
    #[error("one address family alone leaves none of the addresses given; leave one of the two out")]
    NoAddressOfFamily,
}

fn ids(protocols: &[Protocol]) -> String {
    protocols.iter().map(|protocol| protocol.id()).collect::<Vec<_>>().join(", ")
}
