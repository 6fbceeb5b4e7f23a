//! Nothing answered the SYNs: who dropped them, and where.

use super::words::{devices, place};
use crate::{
    diagnosis::{
        Code, Location, Owner,
        cause::{Cause, spoken},
        judgement::Judgement,
        place::{self, Silence},
        scene::{Reference, Scene},
    },
    observation::{LocalRound, Path, kind},
};

pub(super) fn dropped(scene: Scene<'_>, retransmits: Option<u32>, duration_ms: f64) -> Judgement {
    let (address, port) = (scene.attempt.address, scene.check.port);
    let took = spoken(duration_ms);
    let syns = match retransmits {
        Some(0) => "1 SYN".to_owned(),
        Some(again) => format!("{} SYNs", u64::from(again) + 1),
        None => "SYNs".to_owned(),
    };
    let unanswered = format!("{syns} to {address} port {port} unanswered in {took}, on two connections");
    let path = scene.shown::<kind::Path>();
    let local = match path.is_some_and(place::left_this_machine) {
        // A router's answer is better proof than counters that other programs count in.
        true => Local::Sends,
        false => Local::of(scene),
    };
    if let Local::Drops(round) = local {
        return by_this_machine(round, &unanswered);
    }
    let sent = local == Local::Sends;
    let place = path.map(|path| (path, place::silence(path)));
    let (summary, cause) = match &place {
        Some((path, Silence::At { location, or_the_hub })) => {
            (format!("silently dropped at {}", self::place(location)), stopped_at(path, location, *or_the_hub, sent))
        }
        other => {
            let cause = somewhere(scene, sent);
            let cause = match other {
                Some((path, silence)) => cause.seen(why_no_place(path, silence)),
                None => cause,
            };
            (format!("silently dropped: {syns}, no answer in {took}"), cause)
        }
    };
    let cause = match retransmits {
        Some(again) => cause.detail("syns", u64::from(again) + 1),
        None => cause,
    };
    // Without a path no firewall on it can be blamed.
    let cause = if address.is_loopback() {
        cause.owner(Owner::Operator).mended_by(
            "Look on this machine itself: its own firewall, or the program that listens on TCP {ports} and takes no \
             more connections.",
        )
    } else {
        cause
    };
    Judgement::blocked(summary, cause.seen(unanswered))
}

/// What the kernel's counters say of this machine's own part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Local<'a> {
    /// It dropped every SYN that it should have sent once more, twice.
    Drops(&'a LocalRound),
    /// It sent them.
    Sends,
    /// It does not tell, or not the same twice.
    Unknown,
}

impl<'a> Local<'a> {
    fn of(scene: Scene<'a>) -> Self {
        let here = |round: &&LocalRound| (round.address, round.port) == (scene.attempt.address, scene.check.port);
        let rounds = scene.all_shown::<kind::LocalDrops>().flat_map(|local| &local.rounds).filter(here);
        let mut rounds = rounds.filter(|round| round.syns > 0 && round.retransmitted >= round.syns);
        let (Some(first), Some(second)) = (rounds.next(), rounds.next()) else { return Self::Unknown };
        match (drops(first), drops(second)) {
            (true, true) => Self::Drops(second),
            (false, false) => Self::Sends,
            _ => Self::Unknown,
        }
    }
}

/// Other programs' failures count too, but hardly as many at the same moment, twice.
fn drops(round: &LocalRound) -> bool {
    let all = u64::from(round.syns);
    round.retransmissions_failed >= all && round.packets_not_sent.is_none_or(|packets| packets >= all)
}

fn by_this_machine(round: &LocalRound, unanswered: &str) -> Judgement {
    let cause = Cause::confirmed(Code::LocalBlock)
        .located(Some(Location::THIS_MACHINE))
        .fact("errno", "its own firewall drops what it sends")
        .seen(unanswered)
        .seen(format!(
            "while the kernel sent {} SYNs to port {} once more, it counted {} retransmissions that failed inside this \
             machine, twice",
            round.retransmitted, round.port, round.retransmissions_failed
        ));
    Judgement::blocked("dropped by this machine itself", cause)
}

/// Without a place: as likely as another port of the address makes it.
fn somewhere(scene: Scene<'_>, sent: bool) -> Cause {
    let address = scene.attempt.address;
    let likely = || if sent { Cause::likely(Code::SilentDrop) } else { likelier_than_here() };
    // Where nothing answers, the address may as well not be the hub's.
    let other = if sent { Code::DnsHijack } else { Code::LocalBlock };
    let possible = || Cause::possible(Code::SilentDrop, &[other]);
    match scene.reference() {
        Reference::Answers(other) => likely()
            .detail("reference_port", other)
            .seen(format!("the same address, {address}, answers on port {other}")),
        Reference::NoneAnswers => possible()
            .mended_by(
                "Find out first whether anything at all reaches {host} from here; if so, allow outbound TCP {ports} to it \
                 (by name; its address can change).",
            )
            .seen(format!("no other port of {address} answers either: the address itself may be out of reach")),
        Reference::NoneTried => possible()
            .seen(format!("no other port of {address} was tried, so nothing shows that it can be reached at all")),
    }
}

/// A rule on this machine that drops what it sends looks the same to a socket.
fn likelier_than_here() -> Cause {
    Cause::likelier_than(Code::SilentDrop, Code::LocalBlock)
}

fn stopped_at(path: &Path, location: &Location, or_the_hub: bool, sent: bool) -> Cause {
    let cause = if sent { Cause::confirmed(Code::SilentDrop) } else { likelier_than_here() };
    let cause = match (or_the_hub, location.hop) {
        (true, _) => cause.mended_by(
            "Allow outbound TCP {ports} to {host} (by name; its address can change) at {place}. The hub's own firewall may \
             be what drops it: ask the hub's owner too.",
        ),
        (false, _) => cause
            .mended_by("Allow outbound TCP {ports} to {host} (by name; its address can change) at {place}."),
    };
    let port = path.failing.port;
    let reached = match location.hop {
        0 => format!("no router answers SYNs to port {port}"),
        hop => format!("SYNs to port {port} are answered by routers up to hop {hop}"),
    };
    let reference = path.reference.as_ref().map(|reference| reference.port);
    let cause = match reference {
        Some(reference) => cause.detail("reference_port", reference).seen(match location.of {
            Some(of) => format!("{reached}; port {reference} of the same address answers at hop {of}"),
            None => format!("{reached}; to port {reference} of the same address routers behind that answer"),
        }),
        None => cause.seen(reached),
    };
    cause.detail("place", vec![devices(location)]).located(Some(location.clone()))
}

fn why_no_place(path: &Path, silence: &Silence) -> String {
    let port = path.failing.port;
    match silence {
        Silence::At { .. } => String::new(),
        Silence::Beyond { last_router } => format!(
            "SYNs to port {port} are answered by routers up to hop {last_router}, as far as a port that works shows the \
             path: nobody on it can be named"
        ),
        Silence::NoReference { last_router: 0 } => format!("no router on the way answers SYNs to port {port} either"),
        Silence::NoReference { last_router } => format!(
            "SYNs to port {port} are answered by routers up to hop {last_router}, and no port that works shows what comes \
             behind"
        ),
        Silence::AtOdds => format!("some SYNs to port {port} got further than others: no place can be named"),
        Silence::Unclear => "too few routers answered to say where on the path".to_owned(),
    }
}
