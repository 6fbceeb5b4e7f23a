//! The deadline of a run, and the user's stop. Both work however busy the run is: tokio gives each task a budget for
//! every poll, and does not poll timers after work that has used it up, so a peer that keeps sending could delay every
//! timer. The timers here run without that budget.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    task::Poll,
    time::Duration,
};

use tokio::{
    sync::watch,
    task::unconstrained,
    time::{Instant, sleep, sleep_until},
};

use super::transfer_meter::TransferMeter;

/// Limits a stage while nothing arrives. Long enough for a connect attempt to send two SYN retransmissions and its
/// hedge, and for the two round trips of TLS 1.2 over a slow satellite.
pub(crate) const STAGE_TIMEOUT: Duration = Duration::from_secs(5);

/// Time for two SYN retransmissions, after 1 and 3 s, and for the answer. With less, a lossy link would be called
/// silent.
const MIN_CONNECT_TIMEOUT: Duration = Duration::from_millis(3300);
/// A short run keeps this much time for the experiments that find out why there was no answer.
const EXPERIMENTS_RESERVE: Duration = Duration::from_millis(1500);

/// Limits how long work may take to end once the run is over: close notifications take 50 ms. After that it is
/// abandoned.
const SHUTDOWN_GRACE: Duration = Duration::from_millis(80);

/// One run: when it must end, whether the user has ended it, and whether either cut anything short.
pub(crate) struct RunControl {
    deadline: Instant,
    /// The deadline while bytes come.
    latest: Instant,
    connect_timeout: Duration,
    transfer: TransferMeter,
    stopped: watch::Sender<bool>,
    by_the_user: AtomicBool,
    deadline_reached: AtomicBool,
}

/// Why a stage got no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timeout {
    /// Its own time was up.
    Stage,
    /// The run's time was up, or the user ended it.
    Run,
}

/// [`STAGE_TIMEOUT`]; less where the run ends so soon that nothing could be said of a silent port.
fn connect_timeout(timeout: Duration) -> Duration {
    match timeout.checked_sub(EXPERIMENTS_RESERVE) {
        Some(left) if left >= MIN_CONNECT_TIMEOUT => left.min(STAGE_TIMEOUT),
        _ => STAGE_TIMEOUT,
    }
}

impl RunControl {
    /// Ends after `timeout`, or while bytes come after `slow_timeout`, if that is later.
    pub(crate) fn new(timeout: Duration, slow_timeout: Option<Duration>) -> Self {
        let now = Instant::now();
        Self {
            deadline: now + timeout,
            latest: now + slow_timeout.unwrap_or_default().max(timeout),
            connect_timeout: connect_timeout(timeout),
            transfer: TransferMeter::new(),
            stopped: watch::Sender::new(false),
            by_the_user: AtomicBool::new(false),
            deadline_reached: AtomicBool::new(false),
        }
    }

    /// What the connections of its attempts received.
    pub(crate) fn transfer(&self) -> &TransferMeter {
        &self.transfer
    }

    /// How long a connection may stay unanswered.
    pub(crate) fn connect_timeout(&self) -> Duration {
        self.connect_timeout
    }

    /// How much longer to wait for a peer that acknowledged our data and then was silent for [`STAGE_TIMEOUT`]: half of
    /// the time left. The other half is for the experiments.
    pub(crate) fn late_answer_timeout(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now()) / 2
    }

    /// When the run must end, as of now.
    fn ends(&self) -> Instant {
        self.deadline.max((self.transfer.last() + STAGE_TIMEOUT).min(self.latest))
    }

    /// Waits until the run must end. Bytes that arrive meanwhile postpone that.
    async fn until_end(&self) {
        loop {
            let ends = self.ends();
            sleep_until(ends).await;
            if self.ends() <= ends {
                return;
            }
        }
    }

    /// Ends every stage now: the user wants it.
    pub(crate) fn stop(&self) {
        self.by_the_user.store(true, Relaxed);
        self.finish_early();
    }

    /// Ends every stage now: the result is already known.
    pub(crate) fn finish_early(&self) {
        self.stopped.send_replace(true);
    }

    /// Whether the user ended it.
    pub(crate) fn was_stopped(&self) -> bool {
        self.by_the_user.load(Relaxed)
    }

    /// Whether the deadline cut anything short.
    pub(crate) fn deadline_reached(&self) -> bool {
        self.deadline_reached.load(Relaxed)
    }

    /// Whether nothing more can be begun.
    pub(crate) fn is_over(&self) -> bool {
        *self.stopped.borrow() || Instant::now() >= self.ends()
    }

    /// Does all the `work` of the run. Asks it to end at the deadline, or once `stop` is ready; `None` if it did not
    /// end in time.
    pub(crate) async fn drive<T>(&self, work: impl Future<Output = T>, stop: impl Future<Output = ()>) -> Option<T> {
        let over = async {
            tokio::select! {
                biased;
                () = stop => self.stop(),
                () = self.until_end() => {}
            }
            sleep(SHUTDOWN_GRACE).await;
            self.deadline_reached.store(!self.was_stopped(), Relaxed);
        };
        unless(pin!(work), pin!(over)).await.ok()
    }

    /// Does `work` for at most `budget`, and not beyond the end of the run.
    pub(crate) async fn within<T>(&self, budget: Duration, work: impl Future<Output = T>) -> Result<T, Timeout> {
        let ends = Instant::now() + budget;
        self.until(|| ends, work).await
    }

    /// Does `work` as long as bytes arrive on any connection of the run, and for [`STAGE_TIMEOUT`] after the last; not
    /// beyond the end of the run.
    pub(crate) async fn while_receiving<T>(&self, work: impl Future<Output = T>) -> Result<T, Timeout> {
        let began = Instant::now();
        self.until(|| began.max(self.transfer.last()) + STAGE_TIMEOUT, work).await
    }

    async fn until<T>(&self, stage_ends: impl Fn() -> Instant, work: impl Future<Output = T>) -> Result<T, Timeout> {
        let mut stopped = self.stopped.subscribe();
        let stage_is_over = async {
            loop {
                let ends = stage_ends();
                sleep_until(ends).await;
                if stage_ends() <= ends {
                    return;
                }
            }
        };
        let over = async {
            tokio::select! {
                biased;
                _ = stopped.wait_for(|stopped| *stopped) => Timeout::Run,
                () = stage_is_over => Timeout::Stage,
                () = self.until_end() => {
                    self.deadline_reached.store(true, Relaxed);
                    Timeout::Run
                }
            }
        };
        unless(pin!(work), pin!(over)).await
    }
}

/// Does `work` until `over` is ready. Polls `over` after each poll of `work`, even if that has used up the budget.
/// Takes both pinned: each move makes a future larger.
async fn unless<T, E>(
    mut work: Pin<&mut impl Future<Output = T>>,
    over: Pin<&mut impl Future<Output = E>>,
) -> Result<T, E> {
    let mut over = unconstrained(over);
    poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Ok(done)),
        Poll::Pending => Pin::new(&mut over).poll(cx).map(Err),
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[test]
    fn a_short_run_leaves_time_to_find_out_why() {
        for (timeout_ms, expected_ms) in [(60_000, 5000), (15_000, 5000), (6000, 4500), (5000, 3500), (4000, 5000)] {
            assert_eq!(
                connect_timeout(Duration::from_millis(timeout_ms)),
                Duration::from_millis(expected_ms),
                "{timeout_ms}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_earlier_of_the_two_deadlines_is_named() {
        let control = RunControl::new(Duration::from_secs(7), None);
        assert_eq!(control.within(STAGE_TIMEOUT, pending::<()>()).await, Err(Timeout::Stage));
        assert!(!control.deadline_reached());
        assert_eq!(control.within(STAGE_TIMEOUT, pending::<()>()).await, Err(Timeout::Run));
        assert!(control.deadline_reached());
    }

    /// Work that takes `seconds`, while bytes come every second.
    async fn slow(control: &RunControl, seconds: u32) {
        for _ in 0..seconds {
            tokio::time::sleep(Duration::from_secs(1)).await;
            control.transfer().add(1000);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stage_goes_on_while_bytes_come_and_no_further_than_the_run() {
        let control = RunControl::new(Duration::from_secs(15), None);
        assert_eq!(control.while_receiving(slow(&control, 12)).await, Ok(()));
        assert_eq!(control.while_receiving(slow(&control, 12)).await, Err(Timeout::Run));
        let control = RunControl::new(Duration::from_secs(15), Some(Duration::from_secs(60)));
        assert_eq!(control.while_receiving(slow(&control, 40)).await, Ok(()));
        assert_eq!(control.while_receiving(pending::<()>()).await, Err(Timeout::Stage));
        assert!(control.is_over() && !control.deadline_reached());
        let control = RunControl::new(Duration::from_secs(15), Some(Duration::from_secs(60)));
        assert_eq!(control.while_receiving(slow(&control, 70)).await, Err(Timeout::Run));
        assert!(control.deadline_reached());
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_what_is_under_way_and_what_comes() {
        let control = RunControl::new(Duration::from_secs(60), None);
        let (ended, ()) = tokio::join!(control.within(STAGE_TIMEOUT, pending::<()>()), async { control.stop() });
        assert_eq!(ended, Err(Timeout::Run));
        assert_eq!(control.within(STAGE_TIMEOUT, pending::<()>()).await, Err(Timeout::Run));
        assert!(control.was_stopped() && !control.deadline_reached());
    }

    /// Uses up its task's budget in every poll, as a peer that keeps sending has its reader do.
    async fn busy() {
        loop {
            tokio::task::consume_budget().await;
        }
    }

    #[tokio::test]
    async fn work_that_never_waits_holds_off_neither_deadline_nor_stop() {
        let began = Instant::now();
        let control = RunControl::new(Duration::from_millis(150), None);
        assert_eq!(control.within(Duration::from_millis(50), busy()).await, Err(Timeout::Stage));
        // After it in the same poll, where tokio no longer polls its own timers.
        let (_, behind) =
            tokio::join!(control.within(STAGE_TIMEOUT, busy()), control.within(STAGE_TIMEOUT, pending::<()>()));
        assert_eq!(behind, Err(Timeout::Run));
        assert!(control.deadline_reached() && began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());

        let control = RunControl::new(Duration::from_secs(60), None);
        let stopped = tokio::join!(control.within(STAGE_TIMEOUT, busy()), async { control.stop() }).0;
        assert_eq!(stopped, Err(Timeout::Run));
    }

    #[tokio::test]
    async fn work_that_does_not_end_is_left_behind() {
        let began = Instant::now();
        let control = RunControl::new(Duration::from_millis(50), None);
        assert_eq!(control.drive(busy(), pending()).await, None);
        assert!(control.deadline_reached() && !control.was_stopped());
        let control = RunControl::new(Duration::from_secs(60), None);
        assert_eq!(control.drive(busy(), sleep(Duration::from_millis(50))).await, None);
        assert!(control.was_stopped() && !control.deadline_reached());
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        let obeys = async { control.within(STAGE_TIMEOUT, pending::<()>()).await };
        assert_eq!(control.drive(obeys, pending()).await, Some(Err(Timeout::Run)));
    }
}
