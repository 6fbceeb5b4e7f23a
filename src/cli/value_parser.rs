//! Option values that come from a closed list of words: parsed by their own `FromStr`, whose errors say what there is,
//! and listed for shell completion.

use std::{error::Error, ffi::OsStr, str::FromStr};

use clap::{
    Arg, Command,
    builder::{PossibleValue, StringValueParser, TypedValueParser},
};

type Parsed<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// A parser of `T` that knows the words for one, or how they begin.
#[derive(Debug)]
pub struct Words<T> {
    words: Vec<&'static str>,
    parse: fn(&str) -> Parsed<T>,
}

impl<T: FromStr<Err: Error + Send + Sync + 'static>> Words<T> {
    pub fn new(words: impl IntoIterator<Item = &'static str>) -> Self {
        Self::parsed(words, |word| word.parse().map_err(Into::into))
    }

    /// Of a closed list, each of which has its word.
    pub fn of(all: &[T], word: fn(T) -> &'static str) -> Self
    where
        T: Copy,
    {
        Self::new(all.iter().copied().map(word))
    }
}

impl<T> Words<T> {
    /// Of words that `parse` reads.
    pub fn parsed(words: impl IntoIterator<Item = &'static str>, parse: fn(&str) -> Parsed<T>) -> Self {
        Self { words: words.into_iter().collect(), parse }
    }
}

impl<T> Clone for Words<T> {
    fn clone(&self) -> Self {
        Self { words: self.words.clone(), parse: self.parse }
    }
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Words<T> {
    type Value = T;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, clap::Error> {
        let parse = self.parse;
        StringValueParser::new().try_map(move |word| parse(&word)).parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.words.iter().map(|word| PossibleValue::new(*word))))
    }
}
