//! Where on the path an unacknowledged TLS hello ends, compared with SYNs to the same port, which pass.

use serde::{Deserialize, Serialize};

use super::{Facts, HelloTrace, Measured, Trace};
use crate::observation::Rejection;

/// Hellos with a limited TTL, each on a connection whose handshake had a full one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DroppedHello {
    /// The path of SYNs to the same port, before and after the hellos.
    pub path: Trace,
    /// The hello that every attempt sends.
    pub hellos: HelloTrace,
    /// Who rejects one, and how.
    pub rejection: Option<Rejection>,
}

impl Facts for DroppedHello {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Port(self.path.address, self.path.port)]
    }
}
