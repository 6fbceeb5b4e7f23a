//! A set that keeps the order of insertion.

use std::{collections::HashSet, hash::Hash};

#[derive(Debug, Clone)]
pub(super) struct OrderedSet<T> {
    all: Vec<T>,
    known: HashSet<T>,
}

impl<T> Default for OrderedSet<T> {
    fn default() -> Self {
        Self { all: Vec::new(), known: HashSet::new() }
    }
}

impl<T: Clone + Eq + Hash> OrderedSet<T> {
    pub(super) fn add(&mut self, one: &T) {
        if self.known.insert(one.clone()) {
            self.all.push(one.clone());
        }
    }

    /// Whether both contain the same items, in any order.
    pub(super) fn is_same_set(&self, other: &Self) -> bool {
        self.known == other.known
    }

    pub(super) fn first(&self) -> Option<&T> {
        self.all.first()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.all.iter()
    }

    pub(super) fn into_vec(self) -> Vec<T> {
        self.all
    }
}

impl<T: Clone + Eq + Hash> FromIterator<T> for OrderedSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut set = Self::default();
        items.into_iter().for_each(|item| set.add(&item));
        set
    }
}

/// Appends the items that are missing, up to `max_len` items.
pub(super) fn extend_unique<T: PartialEq + Clone>(all: &mut Vec<T>, others: &[T], max_len: usize) {
    for other in others {
        if !all.contains(other) && all.len() < max_len {
            all.push(other.clone());
        }
    }
}
