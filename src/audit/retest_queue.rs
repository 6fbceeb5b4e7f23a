//! Targets with symptoms of overload: which of them is tested again alone next. Pure.

use std::collections::{BTreeMap, HashMap};

use super::load_symptoms::{Failure, LoadSymptoms};

/// Targets that were not tested again yet, by their index in the plan.
#[derive(Debug, Default)]
pub(super) struct RetestQueue {
    open: BTreeMap<usize, LoadSymptoms>,
    /// How many targets with equal failures failed alone as well.
    unchanged_alone: HashMap<Vec<Failure>, usize>,
}

impl RetestQueue {
    pub(super) fn add(&mut self, index: usize, symptoms: LoadSymptoms) {
        self.open.insert(index, symptoms);
    }

    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    /// Removes and returns the targets whose failures are certain.
    pub(super) fn settle(&mut self, is_certain: impl Fn(&LoadSymptoms) -> bool) -> Vec<usize> {
        let (certain, open): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.open).into_iter().partition(|(_, symptoms)| is_certain(symptoms));
        self.open = open.into_iter().collect();
        certain.into_iter().map(|(index, _)| index).collect()
    }

    /// Removes and returns the target most worth a retest: first one that fails a check; then the one whose equals were
    /// retested least without success; then one that got some connections, as is usual under load, before one that got
    /// none; then the first in the plan.
    pub(super) fn next(&mut self, may: impl Fn(&LoadSymptoms) -> bool) -> Option<(usize, LoadSymptoms)> {
        let worth = |(index, symptoms): &(&usize, &LoadSymptoms)| {
            let unchanged_alone = self.unchanged_alone.get(&symptoms.failures).copied().unwrap_or_default();
            (symptoms.is_well, unchanged_alone, symptoms.answered == 0, **index)
        };
        let (index, _) = self.open.iter().filter(|(_, symptoms)| may(symptoms)).min_by_key(worth)?;
        let index = *index;
        self.open.remove(&index).map(|symptoms| (index, symptoms))
    }

    /// A target with these symptoms failed alone as well.
    pub(super) fn unchanged(&mut self, symptoms: &LoadSymptoms) {
        *self.unchanged_alone.entry(symptoms.failures.clone()).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Strain;

    #[test]
    fn who_fails_partly_is_looked_at_first_and_each_lot_once_before_any_twice() {
        let dead = LoadSymptoms::made(&[(443, Strain::NotAnswered)], &[]);
        let partly = LoadSymptoms::made(&[(8883, Strain::NotAnswered)], &[443]);
        let well = partly.clone().well();
        let mut queue = RetestQueue::default();
        for (index, symptoms) in [&well, &dead, &dead, &partly, &partly].into_iter().enumerate() {
            queue.add(index, symptoms.clone());
        }
        let mut order = Vec::new();
        while let Some((index, symptoms)) = queue.next(|_| true) {
            order.push(index);
            queue.unchanged(&symptoms);
        }
        assert_eq!(order, [3, 1, 4, 2, 0]);
    }

    #[test]
    fn what_is_certain_is_not_looked_at() {
        let mut queue = RetestQueue::default();
        let symptoms = |index| if index % 2 == 0 { LoadSymptoms::default().well() } else { LoadSymptoms::default() };
        (0..4).for_each(|index| queue.add(index, symptoms(index)));
        assert_eq!(queue.settle(|symptoms| symptoms.is_well), [0, 2]);
        assert_eq!((queue.len(), queue.next(|symptoms| symptoms.is_well).is_none()), (2, true));
    }
}
