//! The ladder: one climb to one address, stage by stage, as far as each lets the next begin.

use std::net::{IpAddr, SocketAddr};

use super::{Event, connect, exchange, roots::Roots, run::Run, tls, transport::Transport, upgrade};
use crate::{
    observation::{Attempt, Rung, Stage},
    target::{Check, Depth, HubHost, Login},
};

/// What every climb of a run shares.
pub(super) struct Ladder<'a> {
    pub(super) run: &'a Run,
    pub(super) host: &'a HubHost,
    pub(super) login: Login,
    pub(super) roots: &'a Roots,
    pub(super) depth: Depth,
    pub(super) progress: &'a dyn Fn(&Event),
}

impl Ladder<'_> {
    pub(super) async fn climb(&self, check: &Check, address: IpAddr) -> Attempt {
        let endpoint = &check.endpoint;
        let subprotocol = endpoint.protocol.subprotocol();
        let mut attempt = Attempt {
            address,
            connect: Rung::NotReached,
            tls: Rung::NotReached,
            upgrade: subprotocol.map(|_| Rung::NotReached),
            exchange: Rung::NotReached,
        };
        let tcp;
        (attempt.connect, tcp) = connect::connect(self.run, SocketAddr::new(address, endpoint.port)).await;
        self.tell(check, address, Stage::Connect, &attempt.connect);
        let Some(tcp) = tcp.filter(|_| self.depth > Depth::Connect) else {
            return attempt;
        };

        let stream;
        (attempt.tls, stream) = tls::handshake(self.run, tcp, self.host, self.roots).await;
        self.tell(check, address, Stage::Tls, &attempt.tls);
        let Some(stream) = stream.filter(|_| self.depth > Depth::Tls) else {
            return attempt;
        };

        let mut transport = Transport::tls(stream);
        if let Some(subprotocol) = subprotocol {
            let (rung, upgraded) = upgrade::upgrade(self.run, transport, self.host, endpoint, subprotocol).await;
            self.tell(check, address, Stage::Upgrade, &rung);
            attempt.upgrade = Some(rung);
            match upgraded {
                Some(upgraded) => transport = upgraded,
                None => return attempt,
            }
        }

        attempt.exchange = exchange::exchange(self.run, transport, self.host, endpoint, self.login).await;
        self.tell(check, address, Stage::Exchange, &attempt.exchange);
        attempt
    }

    fn tell<E, F>(&self, check: &Check, address: IpAddr, stage: Stage, rung: &Rung<E, F>) {
        let event = Event::Stage {
            check: check.id.clone(),
            address,
            stage,
            outcome: rung.outcome(),
            duration_ms: rung.duration_ms().unwrap_or_default(),
        };
        tracing::debug!(check = %check.id, %address, %stage, outcome = ?rung.outcome(), "stage ended");
        (self.progress)(&event);
    }
}
