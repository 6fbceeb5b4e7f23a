//! This machine's name, its clock's zone, and how it resolves names.

use std::time::SystemTime;

use windows_registry::LOCAL_MACHINE;
use windows_sys::Win32::System::{
    SystemInformation::{ComputerNameDnsHostname, GetComputerNameExW},
    Time::{GetTimeZoneInformation, TIME_ZONE_INFORMATION},
};

use super::{adapters, ip_helper};
use crate::net::os::resolv_conf::ResolvConf;

/// The list of domains that a policy sets, and the one that the user sets.
const LISTS: [&str; 2] =
    [r"SOFTWARE\Policies\Microsoft\Windows NT\DNSClient", r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"];
/// Longer than a label of DNS.
const MAX_NAME: usize = 256;
/// `TIME_ZONE_ID_DAYLIGHT` and `TIME_ZONE_ID_INVALID`.
const DAYLIGHT: u32 = 2;
const INVALID: u32 = u32::MAX;

/// The name servers that the system asks, and the domains that it appends.
pub(crate) fn resolver_config() -> Option<ResolvConf> {
    let value = |key: &str, name: &str| LOCAL_MACHINE.open(key).ok()?.get_string(name).ok();
    let present = |value: &String| !value.is_empty();
    let listed = LISTS.iter().find_map(|key| value(key, "SearchList").filter(present));
    let domain = ["Domain", "DhcpDomain"].iter().find_map(|name| value(LISTS[1], name).filter(present));
    adapters::resolver_config(&ip_helper::adapters()?, listed, domain)
}

#[allow(unsafe_code)] // no safe wrapper exists in the crates we use
pub(crate) fn host_name() -> Option<String> {
    let mut name = [0_u16; MAX_NAME];
    let mut length = u32::try_from(name.len()).ok()?;
    // SAFETY: the call writes at most `length` units, as many as `name` has.
    let told = unsafe { GetComputerNameExW(ComputerNameDnsHostname, name.as_mut_ptr(), &raw mut length) } != 0;
    let name = String::from_utf16(name.get(..usize::try_from(length).ok()?)?).ok()?;
    (told && !name.is_empty()).then_some(name)
}

/// Minutes by which local time is ahead of UTC, now.
#[allow(unsafe_code)] // no safe wrapper exists in the crates we use
pub(crate) fn utc_offset_minutes(_: SystemTime) -> Option<i32> {
    let mut zone = TIME_ZONE_INFORMATION::default();
    // SAFETY: the call writes one structure of this type.
    let season = unsafe { GetTimeZoneInformation(&raw mut zone) };
    let of_season = if season == DAYLIGHT { zone.DaylightBias } else { zone.StandardBias };
    // What is added to local time to get UTC.
    (season != INVALID).then(|| -(zone.Bias + of_season))
}
