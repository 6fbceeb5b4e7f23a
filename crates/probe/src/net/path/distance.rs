//! How far away a port's answers come from. No call reports the TTL of a segment, but a socket can ignore segments
//! below a minimum TTL: the highest minimum that still gets an answer is the answer's own TTL.

use std::{net::SocketAddr, time::Duration};

use futures_util::future::join_all;

use super::syn::{Limit, syn};
use crate::observation::ProbeAnswer;

/// SYNs sent at once. Three rounds of seven single out one of 255 values.
const AT_ONCE: u16 = 7;

/// The TTL with which the answers of `peer` to a SYN arrive; `None` where they do not come, or not steadily.
pub(super) async fn answer_ttl(peer: SocketAddr, patience: Duration) -> Option<u8> {
    let is_answered = move |ttl| async move {
        matches!(syn(peer, Limit::AnswerTtl(ttl), patience).await, ProbeAnswer::SynAck | ProbeAnswer::Reset)
    };
    highest_ttl(is_answered).await
}

/// The highest of the TTLs that get an answer where what arrives with less is ignored; `None` where none does, or not
/// steadily.
pub(crate) async fn highest_ttl<F: Future<Output = bool>>(is_answered: impl Fn(u8) -> F) -> Option<u8> {
    // `low` got an answer, `high` did not: a TTL is at least 1 and at most 255.
    let (mut low, mut high) = (0_u16, 256_u16);
    while high - low > 1 {
        let step = (high - low).div_ceil(AT_ONCE + 1);
        let tried = (1..=AT_ONCE).map(|at| low + at * step).filter(|ttl| *ttl < high);
        let tried: Vec<u8> = tried.filter_map(|ttl| u8::try_from(ttl).ok()).collect();
        let answers = join_all(tried.iter().map(|ttl| is_answered(*ttl))).await;
        for (ttl, answered) in tried.into_iter().map(u16::from).zip(answers) {
            match answered {
                true => low = ttl.max(low),
                false => high = ttl.min(high),
            }
        }
        if low >= high {
            // One was lost, or two paths lead back.
            return None;
        }
    }
    u8::try_from(low).ok().filter(|ttl| *ttl > 0)
}
