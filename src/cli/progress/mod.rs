//! Progress lines on stderr, if a user watches.

mod area;
mod checks;
mod experiment_text;
mod lines;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hubreach::probe::Event;

use self::area::Area;
pub use self::{checks::Checks, lines::Lines};
use super::args::Verbosity;

/// How something goes on, drawn until it is dropped.
#[derive(Debug)]
pub struct Progress<T> {
    _area: Option<Area>,
    /// Read from another thread whenever it is drawn.
    state: Arc<Mutex<T>>,
}

impl<T: Lines> Progress<T> {
    pub fn start(state: T, is_for_people: bool, verbosity: &Verbosity) -> Self {
        let state = Arc::new(Mutex::new(state));
        let drawn = Arc::clone(&state);
        let area = Area::start(is_for_people, verbosity, move |face| lock(&drawn).drawn(face));
        Self { _area: area, state }
    }

    /// To change what is drawn, from whichever thread.
    pub fn handle(&self) -> Handle<T> {
        Handle(Arc::clone(&self.state))
    }

    /// Takes in every event of a run by `note`.
    pub fn listener(&self, note: fn(&mut T, &Event)) -> impl Fn(&Event) + Send + Sync + use<T> {
        let handle = self.handle();
        move |event| handle.update(|state| note(state, event))
    }
}

/// What is drawn, to be changed.
#[derive(Debug)]
pub struct Handle<T>(Arc<Mutex<T>>);

impl<T> Handle<T> {
    /// Makes `change` to what is drawn.
    pub fn update(&self, change: impl FnOnce(&mut T)) {
        change(&mut lock(&self.0));
    }
}

/// Each change is made whole or not at all.
fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
