//! Evidence about unanswered SYNs.

use std::{fmt, net::IpAddr};

use crate::diagnosis::{evidence::Statement, location::Silence};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Observed {
    ReferenceAnswers { address: IpAddr, port: u16 },
    NoneAnswered { address: IpAddr },
    NoneTried { address: IpAddr },
    OnLink { address: IpAddr },
    InTunnel { address: IpAddr, tunnel: String },
    OtherPacketsGoOn { port: u16, last_router: u8 },
    AllEndAt { address: IpAddr, last_router: u8 },
    AnsweredUpTo { port: u16, last_router: u8, reference_port: Option<u16>, of: Option<u8> },
    NoLocation { port: u16, silence: Silence },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReferenceAnswers { address, port } => {
                write!(f, "the same address, {address}, answers on port {port}")
            }
            Self::NoneAnswered { address } => {
                write!(
                    f,
                    "no other port of {address} takes a connection either: the address itself may be out of reach"
                )
            }
            Self::NoneTried { address } => {
                write!(f, "no other port of {address} was tried, so nothing shows that it can be reached at all")
            }
            Self::OnLink { address } => {
                write!(f, "{address} is on a link of this machine: no router stands before it")
            }
            Self::InTunnel { address, tunnel } => write!(
                f,
                "packets to {address} leave by {tunnel}, a tunnel, and nothing comes back through it: nothing of the hub's, and \
                 no router's answer"
            ),
            Self::OtherPacketsGoOn { port, last_router } => write!(
                f,
                "no port of the address answers; {}, and packets of another kind by the hops behind that too",
                answered_up_to(*port, *last_router)
            ),
            Self::AllEndAt { address, last_router } => write!(
                f,
                "packets of every kind to {address} are answered by routers up to hop {last_router}, and by nobody behind: \
                 they end there, or further on"
            ),
            Self::AnsweredUpTo { port, last_router, reference_port, of } => {
                write!(f, "{}", answered_up_to(*port, *last_router))?;
                match (reference_port, of) {
                    (Some(reference), Some(of)) => {
                        write!(f, "; port {reference} of the same address answers at hop {of}")
                    }
                    (Some(reference), None) => {
                        write!(f, "; to port {reference} of the same address routers behind that answer")
                    }
                    (None, _) => Ok(()),
                }
            }
            Self::NoLocation { port, silence } => match silence {
                Silence::Beyond { last_router } => write!(
                    f,
                    "{}, as far as a port that works shows the path: nobody on it can be named",
                    answered_up_to(*port, *last_router)
                ),
                Silence::NoReference { last_router } => {
                    write!(f, "{}, and no port that works shows what comes behind", answered_up_to(*port, *last_router))
                }
                Silence::Inconsistent => {
                    write!(f, "some SYNs to port {port} got further than others: no place can be named")
                }
                Silence::At { .. } | Silence::Unclear => {
                    write!(f, "too few routers answered to say where on the path")
                }
            },
        }
    }
}

fn answered_up_to(port: u16, last_router: u8) -> String {
    match last_router {
        0 => format!("no router answers SYNs to port {port}"),
        hop => format!("SYNs to port {port} are answered by routers up to hop {hop}"),
    }
}
