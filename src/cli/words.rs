//! Option values that come from a closed list of words: parsed by their own `FromStr`, whose errors say what there is,
//! and listed for shell completion.

use std::{error::Error, ffi::OsStr, marker::PhantomData, str::FromStr};

use clap::{
    Arg, Command,
    builder::{PossibleValue, StringValueParser, TypedValueParser},
};

/// A parser of `T` that knows every word for one.
#[derive(Debug)]
pub struct Words<T> {
    words: Vec<&'static str>,
    of: PhantomData<fn() -> T>,
}

impl<T> Words<T> {
    pub fn new(words: impl IntoIterator<Item = &'static str>) -> Self {
        Self { words: words.into_iter().collect(), of: PhantomData }
    }
}

impl<T> Clone for Words<T> {
    fn clone(&self) -> Self {
        Self { words: self.words.clone(), of: PhantomData }
    }
}

impl<T> TypedValueParser for Words<T>
where
    T: FromStr<Err: Error + Send + Sync + 'static> + Clone + Send + Sync + 'static,
{
    type Value = T;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, clap::Error> {
        let parse = |word: String| word.parse::<T>();
        StringValueParser::new().try_map(parse).parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.words.iter().map(|word| PossibleValue::new(*word))))
    }
}
