//! The kernel's numbers (linux/netlink.h, rtnetlink.h, if_link.h, if_addr.h, neighbour.h, if_arp.h, if.h): the same on every
//! architecture, and not known to every C library.

pub(super) const NLM_F_REQUEST: u16 = 0x1;
pub(super) const NLM_F_DUMP: u16 = 0x300;

pub(super) const RTM_GETLINK: u16 = 18;
pub(super) const RTM_GETADDR: u16 = 22;
pub(super) const RTM_GETROUTE: u16 = 26;
pub(super) const RTM_GETNEIGH: u16 = 30;

pub(super) const AF_INET: u8 = 2;
pub(super) const AF_INET6: u8 = 10;

/// `IFF_UP`, `IFF_RUNNING`, `IFF_LOWER_UP`.
pub(super) const UP: u32 = 0x1;
pub(super) const RUNNING: u32 = 0x40;
pub(super) const LOWER_UP: u32 = 0x1_0000;
pub(super) const ARPHRD_ETHER: u16 = 1;
pub(super) const ARPHRD_PPP: u16 = 512;
pub(super) const ARPHRD_LOOPBACK: u16 = 772;
pub(super) const IFLA_IFNAME: u16 = 3;
pub(super) const IFLA_MASTER: u16 = 10;
pub(super) const IFLA_LINKINFO: u16 = 18;
pub(super) const IFLA_INFO_KIND: u16 = 1;

pub(super) const IFA_ADDRESS: u16 = 1;
pub(super) const IFA_LOCAL: u16 = 2;
pub(super) const IFA_FLAGS: u16 = 8;
pub(super) const IFA_F_DADFAILED: u32 = 0x08;
pub(super) const IFA_F_TENTATIVE: u32 = 0x40;

pub(super) const NDA_DST: u16 = 1;
pub(super) const NUD_INCOMPLETE: u16 = 0x01;
pub(super) const NUD_FAILED: u16 = 0x20;

pub(super) const RTA_DST: u16 = 1;
pub(super) const RTA_OIF: u16 = 4;
pub(super) const RTA_GATEWAY: u16 = 5;
pub(super) const RTA_PRIORITY: u16 = 6;
pub(super) const RTA_MULTIPATH: u16 = 9;
pub(super) const RTA_VIA: u16 = 18;
pub(super) const RT_TABLE_LOCAL: u8 = 255;
pub(super) const RTN_UNICAST: u8 = 1;
