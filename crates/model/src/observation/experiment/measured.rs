//! The subject of a measurement.

use std::net::IpAddr;

use crate::hub::CheckId;

/// What an experiment records.
pub trait Facts: 'static {
    /// What it measured.
    fn measured(&self) -> Vec<Measured<'_>>;

    /// Whether it measured `subject`.
    fn concern(&self, subject: Subject<'_>) -> bool {
        let part_of = subject.part_of();
        self.measured().iter().any(|measured| part_of.contains(measured))
    }
}

/// The subject of a measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measured<'a> {
    /// The run as a whole.
    Run,
    /// An address, on any port.
    Address(IpAddr),
    /// A port of an address.
    Port(IpAddr, u16),
    /// A check at an address.
    Check(&'a CheckId, IpAddr),
}

/// One check at one address.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The check.
    pub check: &'a CheckId,
    /// The address.
    pub address: IpAddr,
    /// The TCP port.
    pub port: u16,
}

impl<'a> Subject<'a> {
    /// Every subject whose measurement covers this check.
    pub fn part_of(self) -> [Measured<'a>; 4] {
        let Self { check, address, port } = self;
        [Measured::Run, Measured::Address(address), Measured::Port(address, port), Measured::Check(check, address)]
    }
}
