//! A RST answered the SYN: the hub's, or somebody's in its place.

use super::words::{devices, hops, place};
use crate::{
    diagnosis::{
        Code, Location,
        cause::{Cause, spoken},
        judgement::Judgement,
        place::{self, ResetFrom},
        scene::Scene,
    },
    observation::kind,
};

pub(super) fn refused(scene: Scene<'_>, icmp_ruled_out: bool, duration_ms: f64) -> Judgement {
    let (address, port) = (scene.attempt.address, scene.check.port);
    let seen = format!("{address} port {port} refused the connection after {}", spoken(duration_ms));
    if address.is_loopback() {
        let cause = Cause::confirmed(Code::PortClosed)
            .mended_by("Start the program that is to listen on TCP {ports} of this machine.")
            .seen("a loopback address: there is no path on which a firewall could stand");
        return Judgement::blocked("refused: nothing listens there", cause.seen(seen));
    }
    if !icmp_ruled_out {
        let cause = Cause::possible(Code::PortClosed, &[Code::TcpReset, Code::IcmpReject])
            .seen("this system does not tell a reset from an ICMP error");
        return Judgement::blocked("refused", cause.seen(seen));
    }
    match scene.shown::<kind::Path>().map_or(ResetFrom::Unclear, place::reset) {
        ResetFrom::ShortOf { location, from, hub } => {
            let cause = match location.hop {
                // A rule on this machine that resets what it sends is met at the first hop too.
                0 => Cause::likelier_than(Code::TcpReset, Code::LocalBlock),
                _ => Cause::confirmed(Code::TcpReset),
            };
            let summary = format!("reset at {}", place(&location));
            let cause = at(cause, location)
                .mended_by("Allow outbound TCP {ports} to {host} (by name; its address can change) at {place}.")
                .seen(seen)
                .seen(format!(
                    "the reset answers SYNs to port {port} that may take {}, a port that works answers at hop {hub}",
                    hops(from)
                ));
            Judgement::blocked(summary, cause)
        }
        ResetFrom::AsFarAs { hub } => {
            let cause = Cause::confirmed(Code::PortClosed)
                .mended_by("Let {host} offer TCP {ports}: nothing there listens on it, or its own firewall resets it.")
                .seen(seen)
                .seen(format!(
                    "the reset comes from as far away as the answers of a port that works, there and back: hop {hub}"
                ));
            Judgement::blocked("refused by the hub: nothing listens there", cause)
        }
        ResetFrom::NearTheHub { location, from, hub } => {
            let cause = Cause::possible(Code::TcpReset, &[Code::PortClosed]);
            let cause = at(cause, location)
                .mended_by(
                    "Compare from another network: refused there too, the hub or its own edge does not offer TCP {ports}; not \
                     refused there, whoever runs {place} must allow it to {host}.",
                )
                .seen(seen)
                .seen(format!(
                    "the reset answers SYNs to port {port} that may take {}, a port that works answers at hop {hub}: so \
                     near the hub, its own edge may have sent it",
                    hops(from)
                ));
            Judgement::blocked("refused: a TCP reset answers, from the hub or close to it", cause)
        }
        ResetFrom::Unclear => {
            let cause = Cause::possible(Code::PortClosed, &[Code::TcpReset]).seen(seen);
            Judgement::blocked("refused: a TCP reset answers", cause)
        }
    }
}

fn at(cause: Cause, location: Location) -> Cause {
    cause.detail("place", vec![devices(&location)]).located(Some(location))
}
