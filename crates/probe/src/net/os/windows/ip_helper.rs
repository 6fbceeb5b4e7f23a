//! IP Helper: adapters, routes and neighbours, as it lists them to any user.

use std::{net::IpAddr, net::SocketAddr, ptr, slice};

use socket2::SockAddr;
use windows_sys::Win32::{
    NetworkManagement::{
        IpHelper::{
            FreeMibTable, GAA_FLAG_SKIP_ANYCAST, GAA_FLAG_SKIP_MULTICAST, GetAdaptersAddresses, GetBestRoute2,
            GetIpForwardTable2, GetIpNetTable2, IP_ADAPTER_ADDRESSES_LH, MIB_IPFORWARD_ROW2, MIB_IPFORWARD_TABLE2,
            MIB_IPNET_ROW2, MIB_IPNET_TABLE2,
        },
        Ndis::IfOperStatusUp,
    },
    Networking::WinSock::{
        AF_UNSPEC, IpDadStateDeprecated, IpDadStatePreferred, NL_NEIGHBOR_STATE, NlnsIncomplete, NlnsUnreachable,
        SOCKADDR_INET, SOCKET_ADDRESS,
    },
};

use super::{
    adapters::{Adapter, Family, Route},
    answers, wide,
};
use crate::observation::{InterfaceAddress, Neighbour};

/// Enough for most machines: the system's documentation proposes it.
const USUAL_SIZE: usize = 15 << 10;
/// More than any machine's adapters take.
const MAX_SIZE: u32 = 4 << 20;
/// Adapters come and go between two calls.
const MAX_TRIES: usize = 3;
/// Lists and names are no longer; a longer one would be a circle.
const MAX_LENGTH: usize = 1024;
const NO_ERROR: u32 = 0;
const BUFFER_OVERFLOW: u32 = 111;
/// Windows' `SOCKADDR_INET`: the larger of IPv4's and IPv6's.
const ADDRESS_SIZE: usize = size_of::<SOCKADDR_INET>();

/// This machine's adapters, loopback included; `None` if the system does not tell.
#[allow(unsafe_code)] // the system's lists are linked by pointers
pub(super) fn adapters() -> Option<Vec<Adapter>> {
    // Of words, so that the structures in it are aligned.
    let mut room: Vec<u64> = vec![0; USUAL_SIZE / size_of::<u64>()];
    for _ in 0..MAX_TRIES {
        let mut size = u32::try_from(room.len() * size_of::<u64>()).ok()?;
        let flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST;
        let first = room.as_mut_ptr().cast::<IP_ADAPTER_ADDRESSES_LH>();
        // SAFETY: the call writes at most `size` bytes, the size of `room`.
        match unsafe { GetAdaptersAddresses(u32::from(AF_UNSPEC), flags, ptr::null(), first, &raw mut size) } {
            NO_ERROR => {
                // SAFETY: after success, what is linked from `first` lies in `room`, which lives until the end of this block.
                let found = linked(first, |one| unsafe { (*one).Next });
                return Some(found.map(|one| adapter(unsafe { &*one })).collect());
            }
            BUFFER_OVERFLOW if size <= MAX_SIZE => room.resize(size as usize / size_of::<u64>() + 1, 0),
            _ => return None,
        }
    }
    None
}

/// The elements of a list.
fn linked<T>(first: *mut T, next: impl Fn(*mut T) -> *mut T) -> impl Iterator<Item = *mut T> {
    let existing = move |one: *mut T| (!one.is_null()).then_some(one);
    std::iter::successors(existing(first), move |one| existing(next(*one))).take(MAX_LENGTH)
}

#[allow(unsafe_code)] // the system's lists are linked by pointers
fn adapter(found: &IP_ADAPTER_ADDRESSES_LH) -> Adapter {
    // SAFETY: the lists and texts of an adapter lie in the memory that the adapter lies in, and all of it is initialised.
    unsafe {
        let addresses = linked(found.FirstUnicastAddress, |one| (*one).Next).filter_map(|one| {
            let usable = [IpDadStatePreferred, IpDadStateDeprecated].contains(&(*one).DadState);
            let (address, _) = address(&(*one).Address)?;
            Some(InterfaceAddress { address, prefix: (*one).OnLinkPrefixLength, usable })
        });
        let servers = linked(found.FirstDnsServerAddress, |one| (*one).Next).filter_map(|one| address(&(*one).Address));
        Adapter {
            name: wide::text(found.FriendlyName, MAX_LENGTH),
            kind: found.IfType,
            is_up: found.OperStatus == IfOperStatusUp,
            v4: Family { index: found.Anonymous1.Anonymous.IfIndex, metric: found.Ipv4Metric },
            v6: Family { index: found.Ipv6IfIndex, metric: found.Ipv6Metric },
            addresses: addresses.collect(),
            servers: servers.collect(),
            suffixes: Some(wide::text(found.DnsSuffix, MAX_LENGTH))
                .filter(|suffix| !suffix.is_empty())
                .into_iter()
                .collect(),
        }
    }
}

/// # Safety
/// The address is null, or points to as many initialised bytes as it says.
#[allow(unsafe_code)] // see above
unsafe fn address(found: &SOCKET_ADDRESS) -> Option<(IpAddr, u32)> {
    let length = usize::try_from(found.iSockaddrLength).ok().filter(|_| !found.lpSockaddr.is_null())?;
    // SAFETY: the caller vouches for it.
    answers::address(unsafe { slice::from_raw_parts(found.lpSockaddr.cast::<u8>(), length) })
}

/// The default routes of both families; `None` if the system does not tell.
#[allow(unsafe_code)] // the system gives a table of its own
pub(super) fn default_routes() -> Option<Vec<Route>> {
    let mut table: *mut MIB_IPFORWARD_TABLE2 = ptr::null_mut();
    // SAFETY: the call gives a table, which it allocates, only if it succeeds.
    if unsafe { GetIpForwardTable2(AF_UNSPEC, &raw mut table) } != NO_ERROR || table.is_null() {
        return None;
    }
    // SAFETY: the table has as many rows as it says, behind its beginning, until it is freed.
    let rows = unsafe {
        let count = (*table).NumEntries as usize;
        slice::from_raw_parts((&raw const (*table).Table).cast::<MIB_IPFORWARD_ROW2>(), count)
    };
    let default = rows.iter().filter(|row| row.DestinationPrefix.PrefixLength == 0 && !row.Loopback);
    let found = default.filter_map(|row| {
        let (destination, _) = inet(&row.DestinationPrefix.Prefix)?;
        let (gateway, metric) = (next_hop(row), row.Metric);
        Some(Route { index: row.InterfaceIndex, v6: destination.is_ipv6(), gateway, metric })
    });
    let found = found.collect();
    // SAFETY: it is freed once, and nothing of it is used any more.
    unsafe { FreeMibTable(table.cast()) };
    Some(found)
}

/// Where packets to `to` go: from which address, by which interface, over which router.
#[allow(unsafe_code)] // no safe wrapper exists in the crates we use
pub(super) fn best_route(to: IpAddr) -> Option<(IpAddr, u32, Option<IpAddr>)> {
    let target = SockAddr::from(SocketAddr::new(to, 0));
    let (mut row, mut source) = (MIB_IPFORWARD_ROW2::default(), SOCKADDR_INET::default());
    // SAFETY: a `SockAddr` has the size of the largest socket address; the other two are written as their types say.
    let failed = unsafe {
        GetBestRoute2(
            ptr::null(),
            0,
            ptr::null(),
            target.as_ptr().cast::<SOCKADDR_INET>(),
            0,
            &raw mut row,
            &raw mut source,
        )
    };
    let (source, _) = inet(&source).filter(|_| failed == NO_ERROR)?;
    Some((source, row.InterfaceIndex, next_hop(&row)))
}

/// A device on a link: its address, the number of the interface, and its state.
pub(super) type Device = (IpAddr, u32, Neighbour);

/// What the system knows of the devices on its links; none if it does not tell.
#[allow(unsafe_code)] // the system gives a table of its own
pub(super) fn neighbours() -> Vec<Device> {
    let mut table: *mut MIB_IPNET_TABLE2 = ptr::null_mut();
    // SAFETY: the call gives a table, which it allocates, only if it succeeds.
    if unsafe { GetIpNetTable2(AF_UNSPEC, &raw mut table) } != NO_ERROR || table.is_null() {
        return Vec::new();
    }
    // SAFETY: the table has as many rows as it says, behind its beginning, until it is freed.
    let rows = unsafe {
        let count = (*table).NumEntries as usize;
        slice::from_raw_parts((&raw const (*table).Table).cast::<MIB_IPNET_ROW2>(), count)
    };
    let found = rows.iter().filter_map(|row| Some((inet(&row.Address)?.0, row.InterfaceIndex, state(row.State))));
    let found = found.collect();
    // SAFETY: it is freed once, and nothing of it is used any more.
    unsafe { FreeMibTable(table.cast()) };
    found
}

/// How long a device stays unreachable without being asked again is not documented: that it failed, time has to show.
fn state(state: NL_NEIGHBOR_STATE) -> Neighbour {
    if [NlnsIncomplete, NlnsUnreachable].contains(&state) { Neighbour::Incomplete } else { Neighbour::Known }
}

/// `None` where the destination is on the link itself.
fn next_hop(row: &MIB_IPFORWARD_ROW2) -> Option<IpAddr> {
    inet(&row.NextHop).map(|(address, _)| address).filter(|address| !address.is_unspecified())
}

#[allow(unsafe_code)] // a union of addresses
fn inet(address: &SOCKADDR_INET) -> Option<(IpAddr, u32)> {
    // SAFETY: the union was filled with zeroes or by the system, so that each of its bytes is initialised.
    answers::address(unsafe { slice::from_raw_parts((&raw const *address).cast::<u8>(), ADDRESS_SIZE) })
}
