//! What answers in clear at the hub's address: captive portals usually answer there.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};
use crate::observation::{FirstBytes, HttpResponse};

/// The answer to `GET http://<hub>/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portal {
    /// Who was asked, on TCP port 80.
    pub address: IpAddr,
    /// The result.
    pub answer: ClearAnswer,
}

impl Facts for Portal {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Address(self.address)]
    }
}

/// The result of a request in clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum ClearAnswer {
    /// An HTTP answer.
    Answered {
        /// As it came.
        response: HttpResponse,
    },
    /// Something else.
    NotHttp {
        /// How it begins.
        first_bytes: FirstBytes,
    },
    /// A connection without an answer.
    Silent,
    /// No connection.
    NotConnected,
}
