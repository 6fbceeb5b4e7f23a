//! The deadline that everything in a run obeys.

use std::{cell::Cell, future::Future, time::Duration};

use tokio::{sync::watch, time::Instant};

/// The longest that any one stage may take. A connect attempt has time for two SYN retransmissions and its hedge,
/// TLS 1.2 for its two round trips over a slow satellite.
pub(crate) const STAGE: Duration = Duration::from_secs(5);

/// One run: when it must end, whether the user has ended it, and whether either cut anything short.
pub(crate) struct Run {
    deadline: Instant,
    stopped: watch::Sender<bool>,
    by_the_user: Cell<bool>,
    deadline_reached: Cell<bool>,
}

/// Why a stage got no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overrun {
    /// Its own time was up.
    Stage,
    /// The run's time was up, or the user ended it.
    Run,
}

impl Run {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self {
            deadline: Instant::now() + timeout,
            stopped: watch::Sender::new(false),
            by_the_user: Cell::new(false),
            deadline_reached: Cell::new(false),
        }
    }

    /// Ends every stage now: the user wants it.
    pub(crate) fn stop(&self) {
        self.by_the_user.set(true);
        self.enough();
    }

    /// Ends every stage now: what the run was made for is known.
    pub(crate) fn enough(&self) {
        self.stopped.send_replace(true);
    }

    /// Whether the user ended it.
    pub(crate) fn was_stopped(&self) -> bool {
        self.by_the_user.get()
    }

    /// Whether the deadline cut anything short.
    pub(crate) fn deadline_reached(&self) -> bool {
        self.deadline_reached.get()
    }

    /// Whether nothing more can be begun.
    pub(crate) fn is_over(&self) -> bool {
        *self.stopped.borrow() || Instant::now() >= self.deadline
    }

    /// Does `work` for at most `budget`, and no longer than the run may take.
    pub(crate) async fn within<T>(&self, budget: Duration, work: impl Future<Output = T>) -> Result<T, Overrun> {
        let mut stopped = self.stopped.subscribe();
        let budget_ends = Instant::now() + budget;
        tokio::select! {
            biased;
            done = work => Ok(done),
            _ = stopped.wait_for(|stopped| *stopped) => Err(Overrun::Run),
            () = tokio::time::sleep_until(budget_ends.min(self.deadline)) => {
                if budget_ends <= self.deadline {
                    return Err(Overrun::Stage);
                }
                self.deadline_reached.set(true);
                Err(Overrun::Run)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_earlier_of_the_two_deadlines_is_named() {
        let run = Run::new(Duration::from_secs(7));
        assert_eq!(run.within(STAGE, pending::<()>()).await, Err(Overrun::Stage));
        assert!(!run.deadline_reached());
        assert_eq!(run.within(STAGE, pending::<()>()).await, Err(Overrun::Run));
        assert!(run.deadline_reached());
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_what_is_under_way_and_what_comes() {
        let run = Run::new(Duration::from_secs(60));
        let (ended, ()) = tokio::join!(run.within(STAGE, pending::<()>()), async { run.stop() });
        assert_eq!(ended, Err(Overrun::Run));
        assert_eq!(run.within(STAGE, pending::<()>()).await, Err(Overrun::Run));
        assert!(run.was_stopped() && !run.deadline_reached());
    }
}
