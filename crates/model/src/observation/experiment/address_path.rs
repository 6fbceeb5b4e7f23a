//! How far packets of any kind get towards an address that does not answer on any port.

use serde::{Deserialize, Serialize};

use super::{Facts, Measured, Path, ProbeAnswer, Trace};

/// The path to every failing port of an address, and by packets that need no port, measured in parallel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AddressPath {
    /// To the failing ports, by SYNs; the first is traced all the way, the others where that one ends.
    pub ports: Vec<Path>,
    /// To the address, by other packets, without those that this machine cannot send.
    pub others: Vec<Trace>,
}

impl Facts for AddressPath {
    fn measured(&self) -> Vec<Measured<'_>> {
        self.ports.iter().flat_map(Facts::measured).collect()
    }
}

impl Trace {
    /// Whether any packet of it left this machine.
    pub fn was_sent(&self) -> bool {
        self.probes.iter().any(|probe| !matches!(probe.answer, ProbeAnswer::NotSent { .. }))
    }
}
