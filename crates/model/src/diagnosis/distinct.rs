//! Things in the order in which they came, each once.

use std::{collections::HashSet, hash::Hash};

#[derive(Debug)]
pub(super) struct Distinct<T> {
    all: Vec<T>,
    known: HashSet<T>,
}

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Self { all: Vec::new(), known: HashSet::new() }
    }
}

impl<T: Clone + Eq + Hash> Distinct<T> {
    pub(super) fn add(&mut self, one: &T) {
        if self.known.insert(one.clone()) {
            self.all.push(one.clone());
        }
    }

    /// Whether both hold the same, in whichever order.
    pub(super) fn is_same_set(&self, other: &Self) -> bool {
        self.known == other.known
    }

    pub(super) fn first(&self) -> Option<&T> {
        self.all.first()
    }

    pub(super) fn into_vec(self) -> Vec<T> {
        self.all
    }
}

/// Adds what is not there yet, as long as there is room.
pub(super) fn add_new<T: PartialEq + Clone>(all: &mut Vec<T>, others: &[T], most: usize) {
    for other in others {
        if !all.contains(other) && all.len() < most {
            all.push(other.clone());
        }
    }
}
