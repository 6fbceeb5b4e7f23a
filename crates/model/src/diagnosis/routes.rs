//! The verdict of every check, route by route: what one route shows of an address is not compared with the other.

use std::vec;

use super::{
    causes::{self, proxy_required},
    check,
    judged_check::JudgedCheck,
    proxied, side_by_side,
    unresolved::LookupSummary,
};
use crate::{
    hub::Route,
    observation::{Observations, Outcome},
};

/// The verdict of every check, in their order.
pub(super) fn judge_all(observations: &Observations) -> Vec<JudgedCheck> {
    let has = |route: Route| observations.checks.iter().any(|check| check.route == route);
    if !has(Route::Proxy) {
        return judge_direct(observations);
    }
    let direct = judge_direct(&on_route(observations, Route::Direct));
    let proxied = proxied::judge(&on_route(observations, Route::Proxy), &direct);
    let (mut direct, mut proxied) = (direct.into_iter(), proxied.into_iter());
    let mut judged: Vec<JudgedCheck> =
        observations.checks.iter().filter_map(|check| next(check.route, &mut direct, &mut proxied)).collect();
    side_by_side::compare(observations, &mut judged);
    proxy_required::excuse_the_direct_route(observations, &mut judged);
    judged
}

fn next(
    route: Route,
    direct: &mut vec::IntoIter<JudgedCheck>,
    proxied: &mut vec::IntoIter<JudgedCheck>,
) -> Option<JudgedCheck> {
    match route {
        Route::Direct => direct.next(),
        Route::Proxy => proxied.next(),
    }
}

/// The verdict of every check of a run that knows one route alone, straight to the hub.
pub(super) fn judge_direct(observations: &Observations) -> Vec<JudgedCheck> {
    let mut judged = match without_address(observations) {
        Some(judged) => vec![judged; observations.checks.len()],
        None => check::judge_all(observations),
    };
    let of_run = causes::of_run(observations);
    judged.iter_mut().for_each(|check| check.causes.extend(of_run.iter().cloned()));
    judged
}

/// The verdict of a check that needs an address of the hub, if its name gave none and that is explained.
pub(super) fn without_address(observations: &Observations) -> Option<JudgedCheck> {
    match (observations.resolution.outcome, causes::of_resolution(observations)) {
        // Without a network, the run does not wait for the lookup.
        (Outcome::Failed | Outcome::Cancelled, Some((summary, occurrence))) => {
            let cause = occurrence.evidence(LookupSummary::of(observations));
            Some(JudgedCheck::without_address(summary, Some(cause)))
        }
        (Outcome::Cancelled, _) => Some(JudgedCheck::without_address("cut short while the name was resolved", None)),
        _ => None,
    }
}

/// The run as if it had only this route.
fn on_route(observations: &Observations, route: Route) -> Observations {
    let mut part = observations.clone();
    part.checks.retain(|check| check.route == route);
    part
}
