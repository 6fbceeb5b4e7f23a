//! Where on the path a TLS hello ends that is never acknowledged, against SYNs to the same port, which pass.

use serde::{Deserialize, Serialize};

use super::{Facts, HelloTrace, Measured, Trace};
use crate::observation::Rejection;

/// Hellos that may take only so many hops, each on a connection that was made with as many as it takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DroppedHello {
    /// The path of SYNs to the same port, before and after the hellos.
    pub path: Trace,
    /// As every attempt sends them.
    pub hellos: HelloTrace,
    /// Who rejects one, and how.
    pub rejection: Option<Rejection>,
}

impl Facts for DroppedHello {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Port(self.path.address, self.path.port)]
    }
}
