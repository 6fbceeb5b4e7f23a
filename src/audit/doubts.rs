//! Targets that failed as a crowd makes things fail: which of them is looked at alone next. Pure.

use std::collections::{BTreeMap, HashMap};

use super::signs::{Failure, Signs};

/// Those not looked at yet, by their places in the plan.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    open: BTreeMap<usize, Signs>,
    /// How many of those that fail alike came to the same alone.
    stood: HashMap<Vec<Failure>, usize>,
}

impl Doubts {
    pub(super) fn add(&mut self, place: usize, signs: Signs) {
        self.open.insert(place, signs);
    }

    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    /// Takes out those of which there is no doubt.
    pub(super) fn settle(&mut self, is_certain: impl Fn(&Signs) -> bool) -> Vec<usize> {
        let (certain, open): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.open).into_iter().partition(|(_, signs)| is_certain(signs));
        self.open = open.into_iter().collect();
        certain.into_iter().map(|(place, _)| place).collect()
    }

    /// Takes out the one that is most worth a look: who lacks something before who does not; whose like were least looked at in
    /// vain; who got some connections, as one does in a crowd, before who got none; the first in the plan.
    pub(super) fn next(&mut self, may: impl Fn(&Signs) -> bool) -> Option<(usize, Signs)> {
        let worth = |(place, signs): &(&usize, &Signs)| {
            let stood = self.stood.get(&signs.failures).copied().unwrap_or_default();
            (signs.is_well, stood, signs.answered == 0, **place)
        };
        let (place, _) = self.open.iter().filter(|(_, signs)| may(signs)).min_by_key(worth)?;
        let place = *place;
        self.open.remove(&place).map(|signs| (place, signs))
    }

    /// One with such signs came to the same alone.
    pub(super) fn stands(&mut self, signs: &Signs) {
        *self.stood.entry(signs.failures.clone()).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Strain;

    #[test]
    fn who_fails_partly_is_looked_at_first_and_each_lot_once_before_any_twice() {
        let dead = Signs::made(&[(443, Strain::NotAnswered)], &[]);
        let partly = Signs::made(&[(8883, Strain::NotAnswered)], &[443]);
        let well = partly.clone().well();
        let mut doubts = Doubts::default();
        for (place, signs) in [&well, &dead, &dead, &partly, &partly].into_iter().enumerate() {
            doubts.add(place, signs.clone());
        }
        let mut order = Vec::new();
        while let Some((place, signs)) = doubts.next(|_| true) {
            order.push(place);
            doubts.stands(&signs);
        }
        assert_eq!(order, [3, 1, 4, 2, 0]);
    }

    #[test]
    fn what_is_certain_is_not_looked_at() {
        let mut doubts = Doubts::default();
        let signs = |place| if place % 2 == 0 { Signs::default().well() } else { Signs::default() };
        (0..4).for_each(|place| doubts.add(place, signs(place)));
        assert_eq!(doubts.settle(|signs| signs.is_well), [0, 2]);
        assert_eq!((doubts.len(), doubts.next(|signs| signs.is_well).is_none()), (2, true));
    }
}
