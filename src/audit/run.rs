//! Tests every target of a plan, as many at a time as the network sustains, and those that failed under load once more
//! alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    num::NonZeroUsize,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::time::{Duration, Instant, sleep};

use super::{
    Plan,
    load_symptoms::{LoadSymptoms, Tally, allowed, standing},
    pace_period::PacePeriod,
    pacer::{Pacer, TestOutcome, Wave},
    retest_queue::RetestQueue,
};
use crate::{Checker, Report, SetupError, StopToken, probe, report::Pace};

/// Retests that do not help may take three quarters of the time of everything else, so that no audit takes twice as
/// long for them. In a short audit they may take this long.
const MIN_RETEST_BUDGET: Duration = Duration::from_secs(3);

/// Between two targets that are tested one at a time: a device that counts connections per second has forgotten the
/// first. Doubles after each target that had to send a SYN twice, up to the last value.
const RETEST_SPACING_MS: [u64; 4] = [250, 500, 1000, 2000];

/// Something that just happened in an audit.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A target is being tested: its place in the plan. Once more, where it is tested again alone.
    Began(usize),
    /// A target failed in a way that load may cause: it may be tested again alone before it is reported.
    SetAside(usize),
    /// A target was tested: its place in the plan, and what it came to.
    Finished(usize, &'a Report),
    /// A target could not be tested at all.
    Failed(usize, &'a SetupError),
    /// The number of targets that are tested at a time from now on.
    Paced(usize),
}

/// What an audit came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct Audited {
    /// In the plan's order. One for each target that was tested, also where the user ended it early.
    pub reports: Vec<Report>,
    /// The targets that could not be tested at all, by their place in the plan.
    pub failures: Vec<(usize, SetupError)>,
    /// The pace that the network sustained.
    pub pace: Pace,
}

/// Tests the targets of `plan`, at most `jobs` at a time, and fewer if the network does not sustain that. Each ends by
/// the deadline of its own settings, and all end soon after `stop` is stopped, with the observations up to then; the
/// others are then not begun. Targets that failed in a way that load may cause are tested again alone, as long as that
/// helps.
///
/// Must run inside a tokio runtime with I/O and time enabled.
pub async fn run(
    plan: &Plan,
    jobs: NonZeroUsize,
    stop: &StopToken,
    on_event: &(dyn Fn(&Event<'_>) + Send + Sync),
) -> Audited {
    let context = AuditContext { plan, stop, on_event };
    Audit::new(&context, jobs.get()).make().await
}

/// What every test of a target is given.
struct AuditContext<'a> {
    plan: &'a Plan,
    stop: &'a StopToken,
    on_event: &'a (dyn Fn(&Event<'_>) + Send + Sync),
}

impl AuditContext<'_> {
    /// Waits for `over`, or for the user.
    async fn until(&self, over: impl Future<Output = ()>) {
        tokio::select! {
            () = self.stop.stopped() => {}
            () = over => {}
        }
    }

    /// Tests one target. This machine's counters cannot tell one run's packets from another's.
    async fn test(
        &self,
        index: usize,
        alone: bool,
        stop: StopToken,
        on_event: impl Fn(&probe::Event) + Send + Sync + 'static,
    ) -> Option<Result<Report, SetupError>> {
        let planned = self.plan.targets.get(index)?;
        let mut settings = planned.settings.clone();
        settings.counters &= alone;
        let checker = Checker::builder(planned.target.clone()).settings(settings).on_event(on_event).stop(stop);
        let outcome = match checker.build() {
            Ok(checker) => checker.run().await,
            Err(error) => Err(error.into()),
        };
        match outcome {
            // It is as if it had not been begun.
            Err(SetupError::Interrupted) => None,
            outcome => Some(outcome.map(|report| report.in_plan(planned.entry.clone()))),
        }
    }
}

struct Audit<'a> {
    context: &'a AuditContext<'a>,
    jobs: usize,
    pacer: Pacer,
    tally: Tally,
    queue: RetestQueue,
    outcomes: BTreeMap<usize, Result<Report, SetupError>>,
    /// Targets whose result was not reported yet.
    unreported: BTreeSet<usize>,
    /// The periods of each wave, and of tests alone.
    periods: BTreeMap<Wave, PacePeriod>,
    alone: PacePeriod,
    began: Instant,
    /// The time of retests that did not help.
    in_vain: Duration,
    retests: usize,
    helped: usize,
    /// The index of the next spacing.
    spacing: usize,
}

impl<'a> Audit<'a> {
    fn new(context: &'a AuditContext<'a>, jobs: usize) -> Self {
        Self {
            context,
            jobs,
            pacer: Pacer::new(jobs),
            tally: Tally::default(),
            queue: RetestQueue::default(),
            outcomes: BTreeMap::new(),
            unreported: BTreeSet::new(),
            periods: BTreeMap::new(),
            alone: PacePeriod::default(),
            began: Instant::now(),
            in_vain: Duration::ZERO,
            retests: 0,
            helped: 0,
            spacing: 0,
        }
    }

    async fn make(mut self) -> Audited {
        let all = self.context.plan.targets.len();
        let mut next = 0;
        while next < all && !self.context.stop.is_stopped() {
            next = self.test_from(next).await;
            if next < all && self.pacer.wants_retest() {
                self.retest_failed(true).await;
            }
        }
        self.pacer.all_ended();
        let tally = &self.tally;
        for index in self.queue.settle(|symptoms| !tally.leaves_in_doubt(symptoms)) {
            self.report_finished(index);
        }
        let failed = self.retests + self.queue.len();
        self.retest_failed(false).await;
        for index in self.unreported.clone() {
            self.report_finished(index);
        }
        let pace = self.pace(failed);
        let mut audited = Audited { reports: Vec::new(), failures: Vec::new(), pace };
        for (index, outcome) in self.outcomes {
            match outcome {
                Ok(report) => audited.reports.push(report),
                Err(error) => audited.failures.push((index, error)),
            }
        }
        audited
    }

    /// Tests the targets from `next` on, until a retest is wanted or none is left, and all have ended. Returns where it
    /// stopped.
    async fn test_from(&mut self, mut next: usize) -> usize {
        let (context, all) = (self.context, self.context.plan.targets.len());
        let alone = self.jobs == 1 || all == 1;
        let mut running = FuturesUnordered::new();
        loop {
            while next < all && self.pacer.has_room(running.len()) && !context.stop.is_stopped() {
                if self.pacer.is_careful() {
                    self.spacing().await;
                }
                (context.on_event)(&Event::Began(next));
                let (index, wave) = (next, self.pacer.wave());
                self.periods.entry(wave).or_default().begin(running.len() + 1, Instant::now());
                running
                    .push(async move { (index, wave, context.test(index, alone, context.stop.clone(), |_| ()).await) });
                next += 1;
            }
            let Some((index, wave, outcome)) = running.next().await else { return next };
            let width = self.pacer.width();
            match outcome {
                Some(Ok(report)) => self.note(index, (!alone).then_some(wave), report),
                Some(Err(error)) => {
                    (context.on_event)(&Event::Failed(index, &error));
                    self.outcomes.insert(index, Err(error));
                }
                None => {}
            }
            self.report_pace(width);
        }
    }

    /// A target was tested; in parallel with others if it belongs to a wave.
    fn note(&mut self, index: usize, wave: Option<Wave>, report: Report) {
        let symptoms = LoadSymptoms::of(&report);
        let was_stopped = report.observations.partial;
        self.outcomes.insert(index, Ok(report));
        self.unreported.insert(index);
        let Some(wave) = wave.filter(|_| !was_stopped) else { return self.report_finished(index) };
        self.tally.add(&symptoms);
        self.periods.entry(wave).or_default().end(&symptoms, Instant::now());
        if self.pacer.is_careful() {
            self.grow_spacing(&symptoms);
        }
        match (symptoms.failures.is_empty(), self.tally.contradicts(&symptoms)) {
            (true, _) if symptoms.is_late() => self.pacer.ended(wave, TestOutcome::Late),
            (true, _) => self.pacer.ended(wave, TestOutcome::Well),
            (false, true) => self.pacer.ended(wave, TestOutcome::Failed),
            // A port that no target got through yet is perhaps blocked for all.
            (false, false) => {}
        }
        match symptoms.failures.is_empty() {
            true => self.report_finished(index),
            false => {
                (self.context.on_event)(&Event::SetAside(index));
                self.queue.add(index, symptoms);
            }
        }
    }

    /// Tests failed targets again, one at a time, as long as that helps; `early`, until it helps once.
    async fn retest_failed(&mut self, early: bool) {
        while self.pacer.may_retest() && !self.context.stop.is_stopped() {
            let passed = self.began.elapsed().saturating_sub(self.in_vain);
            let left = (passed * 3 / 4).max(MIN_RETEST_BUDGET).saturating_sub(self.in_vain);
            let tally = &self.tally;
            let next = self.queue.next(|symptoms| !early || tally.contradicts(symptoms));
            let Some((index, symptoms)) = next.filter(|_| !left.is_zero()) else { break };
            let (width, began) = (self.pacer.width(), Instant::now());
            let helped = self.retest(index, left).await;
            if !helped {
                self.in_vain += began.elapsed();
                self.queue.unchanged(&symptoms);
            }
            self.helped += usize::from(helped);
            self.pacer.retested(helped);
            self.report_pace(width);
            self.report_finished(index);
            if helped && early {
                break;
            }
        }
        self.pacer.retests_paused();
    }

    /// Tests a target again alone, for at most `left`. Returns whether that helped.
    async fn retest(&mut self, index: usize, left: Duration) -> bool {
        let context = self.context;
        (context.on_event)(&Event::Began(index));
        self.retests += 1;
        self.alone.begin(1, Instant::now());
        self.spacing().await;
        let Some(Ok(first)) = self.outcomes.get(&index) else { return false };
        let before = standing(first);
        let (arrived, allowed) = (Arc::new(AtomicUsize::new(0)), allowed(first));
        let counted = Arc::clone(&arrived);
        let count = move |event: &probe::Event| {
            if let probe::Event::CheckDone { completed: true, .. } = event {
                counted.fetch_add(1, Relaxed);
            }
        };
        let in_time = async {
            sleep(left).await;
            // A retest that helps may take longer.
            if arrived.load(Relaxed) > allowed {
                std::future::pending().await
            }
        };
        let stop = StopToken::new();
        let mut test = pin!(context.test(index, true, stop.clone(), count));
        let second = tokio::select! {
            second = &mut test => second,
            () = context.until(in_time) => {
                stop.stop();
                test.await
            }
        };
        let Some(Ok(second)) = second else { return false };
        let symptoms = LoadSymptoms::of(&second);
        self.alone.end(&symptoms, Instant::now());
        self.alone.pause();
        self.grow_spacing(&symptoms);
        let now = standing(&second);
        // A retest that was cut short proves nothing. Otherwise its result replaces the first, unless it is worse.
        if !second.observations.partial && now >= before {
            self.outcomes.insert(index, Ok(second));
            return now > before;
        }
        false
    }

    /// Waits until a device that counts connections has forgotten the last target.
    async fn spacing(&self) {
        self.context.until(sleep(Duration::from_millis(RETEST_SPACING_MS[self.spacing]))).await;
    }

    fn grow_spacing(&mut self, symptoms: &LoadSymptoms) {
        self.spacing = (self.spacing + usize::from(symptoms.has_waited())).min(RETEST_SPACING_MS.len() - 1);
    }

    fn report_finished(&mut self, index: usize) {
        if let (true, Some(Ok(report))) = (self.unreported.remove(&index), self.outcomes.get(&index)) {
            (self.context.on_event)(&Event::Finished(index, report));
        }
    }

    fn report_pace(&self, before: usize) {
        if self.pacer.width() != before {
            (self.context.on_event)(&Event::Paced(self.pacer.width()));
        }
    }

    fn pace(&self, failed: usize) -> Pace {
        // A single target that did better alone may have been down before.
        let is_chance = self.retests > 0 && self.helped < 2;
        let sustainable = self.pacer.sustainable().filter(|_| !is_chance);
        let troubled = self.periods.iter().find(|(_, one)| one.shows_trouble()).filter(|_| sustainable.is_some());
        let last = self.periods.iter().last().filter(|(wave, _)| troubled.is_some_and(|(first, _)| *wave > first));
        let bears = sustainable.and_then(|targets| {
            let paced = last.and_then(|(_, last)| last.as_bears(targets));
            paced.or_else(|| self.alone.as_bears(targets))
        });
        Pace {
            jobs: self.jobs,
            limit: troubled.map(|(_, period)| period.as_limit()),
            bears,
            failed_beside_others: failed,
            tested_alone: self.retests,
            better_alone: self.helped,
        }
    }
}
