//! What passes inside an open WebSocket, measured if the protocol's first answer did not come.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};
use crate::hub::CheckId;

/// Frames of several kinds, each in its own WebSocket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frames {
    /// The check.
    pub check: CheckId,
    /// The destination.
    pub address: IpAddr,
    /// One for each frame.
    pub trials: Vec<FrameTrial>,
}

impl Facts for Frames {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Check(&self.check, self.address)]
    }
}

/// One frame in a fresh WebSocket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrameTrial {
    /// What was sent.
    pub frame: Frame,
    /// Its payload, in bytes.
    pub bytes: usize,
    /// From the first SYN to the answer, in milliseconds.
    pub duration_ms: f64,
    /// The result.
    pub outcome: FrameOutcome,
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Frame {
    /// A ping, which every WebSocket answers by itself (RFC 6455, section 5.5.2).
    Ping,
    /// The protocol's hello.
    Small,
    /// The protocol's hello, longer than one TCP segment.
    Large,
}

/// The result of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrameOutcome {
    /// Bytes of an answer, or the pong.
    Answered,
    /// No answer in time.
    Silent,
    /// The connection ended.
    Ended,
    /// The WebSocket did not open this time.
    NotOpened,
    /// The run's deadline or the user ended it.
    Cancelled,
}
