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

    pub(super) fn first(&self) -> Option<&T> {
        self.all.first()
    }

    pub(super) fn into_vec(self) -> Vec<T> {
        self.all
    }
}
