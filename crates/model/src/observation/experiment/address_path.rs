//! How far packets of any kind get towards an address of which no port answers.

use serde::{Deserialize, Serialize};

use super::{Facts, Measured, Path, ProbeAnswer, Trace};

/// The path to every port of an address that fails, and by packets that need no port to answer, measured side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AddressPath {
    /// To the ports that fail, by SYNs; the first is followed all the way, the others where that one ends.
    pub ports: Vec<Path>,
    /// To the address, by other packets; those that this machine does not send are left out.
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
