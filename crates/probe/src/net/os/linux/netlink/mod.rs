//! Questions to the kernel about this machine's network (rtnetlink(7)): any user may ask them.

mod abi;
mod message;
mod records;

use std::{
    io,
    os::fd::{AsRawFd, OwnedFd},
};

use nix::sys::{
    socket::{
        AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, connect, recv, send, setsockopt,
        socket, sockopt::ReceiveTimeout,
    },
    time::{TimeVal, TimeValLike},
};

use message::{Message, messages, request};
pub(super) use records::{Address, Link, Neighbour, Route};

/// The kernel fills 32 KiB at most.
const BUFFER_SIZE: usize = 64 * 1024;
/// A core router has a million routes; a few thousand messages are enough.
const MAX_MESSAGES: usize = 8192;
/// Limits the wait for each message: the kernel answers at once.
const RECEIVE_TIMEOUT_MS: i64 = 200;

/// All that is read of what the kernel says.
#[cfg(fuzzing)]
pub(super) fn read(bytes: &[u8]) {
    for message in messages(bytes).take(MAX_MESSAGES) {
        let _ = (message.ending(), records::link(message.body), records::address(message.body));
        let _ = (records::neighbour(message.body), records::default_route(message.body), records::route(message.body));
    }
}

/// A conversation with the kernel.
pub(super) struct Netlink {
    socket: OwnedFd,
    sequence: u32,
    buffer: Vec<u8>,
}

impl Netlink {
    pub(super) fn open() -> io::Result<Self> {
        let socket = socket(AddressFamily::Netlink, SockType::Raw, SockFlag::SOCK_CLOEXEC, SockProtocol::NetlinkRoute)?;
        setsockopt(&socket, ReceiveTimeout, &TimeVal::milliseconds(RECEIVE_TIMEOUT_MS))?;
        connect(socket.as_raw_fd(), &NetlinkAddr::new(0, 0))?;
        Ok(Self { socket, sequence: 0, buffer: vec![0; BUFFER_SIZE] })
    }

    pub(super) fn links(&mut self) -> io::Result<Vec<Link>> {
        self.all(abi::RTM_GETLINK, &[0; records::LINK_HEADER], records::link)
    }

    pub(super) fn addresses(&mut self) -> io::Result<Vec<Address>> {
        self.all(abi::RTM_GETADDR, &[0; records::ADDRESS_HEADER], records::address)
    }

    pub(super) fn neighbours(&mut self) -> io::Result<Vec<Neighbour>> {
        self.all(abi::RTM_GETNEIGH, &[0; records::NEIGHBOUR_HEADER], records::neighbour)
    }

    /// Default routes of every table.
    pub(super) fn default_routes(&mut self) -> io::Result<Vec<Route>> {
        let routes = self.all(abi::RTM_GETROUTE, &[0; records::ROUTE_HEADER], records::default_route)?;
        Ok(routes.into_iter().flatten().collect())
    }

    /// The route that the kernel would take, by all its rules.
    pub(super) fn route_to(&mut self, address: std::net::IpAddr) -> io::Result<Option<Route>> {
        let mut found = None;
        self.ask(abi::RTM_GETROUTE, abi::NLM_F_REQUEST, &records::route_question(address), |message| {
            found = records::route(message.body).into_iter().next();
        })?;
        Ok(found)
    }

    fn all<T>(&mut self, kind: u16, body: &[u8], read: impl Fn(&[u8]) -> Option<T>) -> io::Result<Vec<T>> {
        let mut found = Vec::new();
        let dump = abi::NLM_F_REQUEST | abi::NLM_F_DUMP;
        self.ask(kind, dump, body, |message| found.extend(read(message.body)))?;
        Ok(found)
    }

    /// Asks, and hands on each message of the answer.
    fn ask(&mut self, kind: u16, flags: u16, body: &[u8], mut take: impl FnMut(&Message<'_>)) -> io::Result<()> {
        self.sequence += 1;
        send(self.socket.as_raw_fd(), &request(kind, flags, self.sequence, body), MsgFlags::empty())?;
        let mut taken = 0;
        while taken < MAX_MESSAGES {
            let length = recv(self.socket.as_raw_fd(), &mut self.buffer, MsgFlags::empty())?;
            let mut came = 0;
            for message in messages(&self.buffer[..length.min(BUFFER_SIZE)]) {
                came += 1;
                // What is left of an earlier answer that was long enough.
                if message.sequence != self.sequence {
                    continue;
                }
                match message.ending() {
                    Some(0) => return Ok(()),
                    Some(errno) => return Err(io::Error::from_raw_os_error(errno)),
                    None => take(&message),
                }
                if flags & abi::NLM_F_DUMP == 0 {
                    return Ok(());
                }
            }
            if came == 0 {
                return Err(io::ErrorKind::InvalidData.into());
            }
            taken += came;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_knows_loopback() {
        let mut netlink = Netlink::open().expect("a netlink socket");
        let links = netlink.links().expect("links");
        let loopback = links.iter().find(|link| link.is_loopback).expect("loopback");
        let addresses = netlink.addresses().expect("addresses");
        let local = std::net::IpAddr::from([127, 0, 0, 1]);
        if loopback.enabled {
            assert!(addresses.iter().any(|one| one.link == loopback.index && one.address == local));
            let route = netlink.route_to(local).expect("an answer").expect("a route");
            assert_eq!((route.link, route.gateway), (Some(loopback.index), None));
        }
        netlink.neighbours().expect("neighbours");
        netlink.default_routes().expect("routes");
    }
}
