//! What a proxy was asked.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// One connection to the proxy.
#[derive(Debug, Clone)]
pub struct Connection {
    pub accepted_at: Instant,
    /// Whether TLS to the proxy succeeded.
    pub has_tls: bool,
    /// The name in TLS's SNI.
    pub server_name: Option<String>,
    /// The methods that SOCKS's greeting offered.
    pub methods: Vec<u8>,
    /// How often the proxy waited for its client, before the tunnel and after TLS: 1 for CONNECT, 2 for SOCKS5, 3 with
    /// a login.
    pub round_trips: u32,
    pub asked: Vec<Asked>,
    /// Where the tunnel leads, if there is one.
    pub tunnel: Option<SocketAddr>,
}

/// One request for a tunnel.
#[derive(Debug, Clone)]
pub struct Asked {
    pub at: Instant,
    /// Host and port as they were asked for; an IPv6 address in brackets.
    pub target: String,
    /// Whether SOCKS was given an address instead of a name.
    pub is_address: bool,
    /// User and password, where they were sent.
    pub login: Option<(String, String)>,
    /// The request's head in HTTP.
    pub head: String,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Record(Arc<Mutex<Vec<Connection>>>);

impl Record {
    pub(super) fn connections(&self) -> Vec<Connection> {
        self.lock().clone()
    }

    pub(super) fn connection(&self) -> Entry {
        let mut connections = self.lock();
        connections.push(Connection {
            accepted_at: Instant::now(),
            has_tls: false,
            server_name: None,
            methods: Vec::new(),
            round_trips: 0,
            asked: Vec::new(),
            tunnel: None,
        });
        Entry { record: self.clone(), index: connections.len() - 1 }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The record of one connection.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    record: Record,
    index: usize,
}

impl Entry {
    pub(super) fn change(&self, change: impl FnOnce(&mut Connection)) {
        change(&mut self.record.lock()[self.index]);
    }
}
