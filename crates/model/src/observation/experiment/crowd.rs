//! How many parallel connections are accepted.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};

/// TCP connections to one address, in parallel and in sequence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Crowd {
    /// The address.
    pub address: IpAddr,
    /// The port of each, in start order.
    pub ports: Vec<u16>,
    /// Rounds that start and hold all at once: whether each was accepted within the time of a first answer.
    pub together: Vec<Vec<bool>>,
    /// The first of the same connections in sequence, each ended before the next: whether each was accepted.
    pub in_turn: Vec<bool>,
}

/// This many connections in sequence, or all if there are fewer, show that a single one is accepted.
pub const ENOUGH_IN_TURN: usize = 3;

impl Crowd {
    /// The connection limit, if each round shows the same: that many first ones are accepted and none after them.
    /// Random loss has no such order, and not twice.
    pub fn limit(&self) -> Option<usize> {
        let mut limits = self.together.iter().map(|round| taken_first(round));
        let first = limits.next()??;
        let steady = self.together.len() > 1 && limits.all(|limit| limit == Some(first));
        steady.then_some(first)
    }

    /// Whether in each round the first ones are accepted and none after them, even if the number varies: a limit per
    /// second has only what the last round left.
    pub fn takes_the_first_alone(&self) -> bool {
        self.together.len() > 1 && self.together.iter().all(|round| taken_first(round).is_some())
    }

    /// Whether one more round of the same connections shows the same.
    pub fn is_borne_out_by(&self, round: &[bool]) -> bool {
        match (self.limit(), taken_first(round)) {
            (Some(limit), Some(taken)) => limit == taken,
            (None, taken) => taken.is_some(),
            (Some(_), None) => false,
        }
    }

    /// Whether the number of parallel connections alone stops them.
    pub fn works_in_turn(&self) -> bool {
        let enough = ENOUGH_IN_TURN.min(self.ports.len());
        !self.in_turn.is_empty() && self.in_turn.len() >= enough && self.in_turn.iter().all(|taken| *taken)
    }
}

/// How many were accepted before all that were not; `None` if all were, none, or they are mixed.
fn taken_first(round: &[bool]) -> Option<usize> {
    let taken = round.iter().take_while(|taken| **taken).count();
    let none_behind = round.iter().skip(taken).all(|taken| !taken);
    (taken > 0 && taken < round.len() && none_behind).then_some(taken)
}

impl Facts for Crowd {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Address(self.address)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd(together: &[&[bool]]) -> Crowd {
        let together = together.iter().map(|round| round.to_vec()).collect();
        Crowd { address: [192, 0, 2, 1].into(), ports: vec![443; 4], together, in_turn: vec![true; 4] }
    }

    #[test]
    fn a_limit_takes_the_first_and_none_behind_them_each_time() {
        let (limit, other) = ([true, true, false, false], [true, false, false, false]);
        assert_eq!(crowd(&[&limit, &limit]).limit(), Some(2));
        for by_chance in [
            &[&limit[..]][..],
            &[&limit, &other],
            &[&limit, &[true, false, true, false]],
            &[&[true; 4], &[true; 4]],
            &[&[false; 4], &[false; 4]],
            &[],
        ] {
            assert_eq!(crowd(by_chance).limit(), None, "{by_chance:?}");
        }
        assert!(crowd(&[]).works_in_turn());
        assert!(!Crowd { in_turn: vec![true; 2], ..crowd(&[]) }.works_in_turn());
    }

    #[test]
    fn what_counts_by_the_second_takes_fewer_at_a_second_time() {
        let (more, fewer, scattered) =
            ([true, true, true, false], [true, false, false, false], [true, false, true, false]);
        assert!(crowd(&[&more, &fewer]).takes_the_first_alone());
        assert!(!crowd(&[&more, &scattered]).takes_the_first_alone());
        assert!(!crowd(&[&more]).takes_the_first_alone(), "once may be by chance");
        assert!(!crowd(&[&more, &[true; 4]]).takes_the_first_alone());
    }
}
