//! Every target of a plan, as many at a time as the network bears, and what failed beside others once more alone.

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
    doubts::Doubts,
    pacer::{Fared, Pacer, Wave},
    signs::{Signs, Tally, allowed, standing},
    stretch::Stretch,
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
    /// A target has failed as others beside it may make it fail: it may be tested again alone before it is judged.
    SetAside(usize),
    /// A target was tested: its place in the plan, and what it came to.
    Finished(usize, &'a Report),
    /// A target could not be tested at all.
    Failed(usize, &'a SetupError),
    /// So many targets at a time are tested from now on.
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
    /// What pace the network bore.
    pub pace: Pace,
}

/// Tests the targets of `plan`, at most `jobs` at a time, and fewer where the network does not bear so many. Each ends by the
/// deadline of its own settings, all of them soon after `stop` is stopped, with whatever was seen by then; the others are then
/// not begun. What failed as a crowd makes things fail is tested again alone, as long as that helps.
///
/// Must run inside a tokio runtime with I/O and time enabled.
pub async fn run(
    plan: &Plan,
    jobs: NonZeroUsize,
    stop: &StopToken,
    happened: &(dyn Fn(&Event<'_>) + Send + Sync),
) -> Audited {
    let run = Run { plan, stop, happened };
    Audit::new(&run, jobs.get()).make().await
}

/// What every test of a target is given.
struct Run<'a> {
    plan: &'a Plan,
    stop: &'a StopToken,
    happened: &'a (dyn Fn(&Event<'_>) + Send + Sync),
}

impl Run<'_> {
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
        place: usize,
        alone: bool,
        stop: StopToken,
        on_event: impl Fn(&probe::Event) + Send + Sync + 'static,
    ) -> Option<Result<Report, SetupError>> {
        let planned = self.plan.targets.get(place)?;
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
    run: &'a Run<'a>,
    jobs: usize,
    pacer: Pacer,
    tally: Tally,
    doubts: Doubts,
    outcomes: BTreeMap<usize, Result<Report, SetupError>>,
    /// Those of which nobody was told what they came to.
    untold: BTreeSet<usize>,
    /// What was tested in each wave, and alone.
    stretches: BTreeMap<Wave, Stretch>,
    alone: Stretch,
    began: Instant,
    /// What looks alone that came to the same have taken.
    in_vain: Duration,
    looks: usize,
    helped: usize,
    /// Which rest comes next.
    rest: usize,
}

impl<'a> Audit<'a> {
    fn new(run: &'a Run<'a>, jobs: usize) -> Self {
        Self {
            run,
            jobs,
            pacer: Pacer::new(jobs),
            tally: Tally::default(),
            doubts: Doubts::default(),
            outcomes: BTreeMap::new(),
            untold: BTreeSet::new(),
            stretches: BTreeMap::new(),
            alone: Stretch::default(),
            began: Instant::now(),
            in_vain: Duration::ZERO,
            looks: 0,
            helped: 0,
            rest: 0,
        }
    }

    async fn make(mut self) -> Audited {
        let all = self.run.plan.targets.len();
        let mut next = 0;
        while next < all && !self.run.stop.is_stopped() {
            next = self.test_from(next).await;
            if next < all && self.pacer.wants_a_look() {
                self.look_alone(true).await;
            }
        }
        self.pacer.all_have_ended();
        let tally = &self.tally;
        for place in self.doubts.settle(|signs| !tally.leaves_in_doubt(signs)) {
            self.tell(place);
        }
        let failed = self.looks + self.doubts.len();
        self.look_alone(false).await;
        for place in self.untold.clone() {
            self.tell(place);
        }
        let pace = self.pace(failed);
        let mut audited = Audited { reports: Vec::new(), failures: Vec::new(), pace };
        for (place, outcome) in self.outcomes {
            match outcome {
                Ok(report) => audited.reports.push(report),
                Err(error) => audited.failures.push((place, error)),
            }
        }
        audited
    }

    /// Tests the targets from `next` on, until a look alone is wanted or none is left, and all have ended; where it stopped.
    async fn test_from(&mut self, mut next: usize) -> usize {
        let (run, all) = (self.run, self.run.plan.targets.len());
        let alone = self.jobs == 1 || all == 1;
        let mut running = FuturesUnordered::new();
        loop {
            while next < all && self.pacer.has_room(running.len()) && !run.stop.is_stopped() {
                if self.pacer.is_careful() {
                    self.rest().await;
                }
                (run.happened)(&Event::Began(next));
                let (place, wave) = (next, self.pacer.wave());
                self.stretches.entry(wave).or_default().begin(running.len() + 1, Instant::now());
                running.push(async move { (place, wave, run.test(place, alone, run.stop.clone(), |_| ()).await) });
                next += 1;
            }
            let Some((place, wave, outcome)) = running.next().await else { return next };
            let width = self.pacer.width();
            match outcome {
                Some(Ok(report)) => self.note(place, (!alone).then_some(wave), report),
                Some(Err(error)) => {
                    (run.happened)(&Event::Failed(place, &error));
                    self.outcomes.insert(place, Err(error));
                }
                None => {}
            }
            self.tell_pace(width);
        }
    }

    /// A target was tested, beside others where it belongs to a wave.
    fn note(&mut self, place: usize, wave: Option<Wave>, report: Report) {
        let signs = Signs::of(&report);
        let was_stopped = report.observations.partial;
        self.outcomes.insert(place, Ok(report));
        self.untold.insert(place);
        let Some(wave) = wave.filter(|_| !was_stopped) else { return self.tell(place) };
        self.tally.add(&signs);
        self.stretches.entry(wave).or_default().end(&signs, Instant::now());
        if self.pacer.is_careful() {
            self.grow_rest(&signs);
        }
        match (signs.failures.is_empty(), self.tally.contradicts(&signs)) {
            (true, _) if signs.is_late() => self.pacer.ended(wave, Fared::Late),
            (true, _) => self.pacer.ended(wave, Fared::Well),
            (false, true) => self.pacer.ended(wave, Fared::Failed),
            // What nobody has got through yet is perhaps closed to all.
            (false, false) => {}
        }
        match signs.failures.is_empty() {
            true => self.tell(place),
            false => {
                (self.run.happened)(&Event::SetAside(place));
                self.doubts.add(place, signs);
            }
        }
    }

    /// Tests again what failed, one at a time and with nothing beside it: while that helps, and `early` until it does.
    async fn look_alone(&mut self, early: bool) {
        while self.pacer.may_look() && !self.run.stop.is_stopped() {
            let passed = self.began.elapsed().saturating_sub(self.in_vain);
            let left = (passed * 3 / 4).max(MIN_RETEST_BUDGET).saturating_sub(self.in_vain);
            let tally = &self.tally;
            let next = self.doubts.next(|signs| !early || tally.contradicts(signs));
            let Some((place, signs)) = next.filter(|_| !left.is_zero()) else { break };
            let (width, began) = (self.pacer.width(), Instant::now());
            let helped = self.look_at(place, left).await;
            if !helped {
                self.in_vain += began.elapsed();
                self.doubts.stands(&signs);
            }
            self.helped += usize::from(helped);
            self.pacer.looked(helped);
            self.tell_pace(width);
            self.tell(place);
            if helped && early {
                break;
            }
        }
        self.pacer.has_looked();
    }

    /// Tests a target again alone, for so long at most; whether it comes to more.
    async fn look_at(&mut self, place: usize, left: Duration) -> bool {
        let run = self.run;
        (run.happened)(&Event::Began(place));
        self.looks += 1;
        self.alone.begin(1, Instant::now());
        self.rest().await;
        let Some(Ok(first)) = self.outcomes.get(&place) else { return false };
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
            // What helps may take its time.
            if arrived.load(Relaxed) > allowed {
                std::future::pending().await
            }
        };
        let stop = StopToken::new();
        let mut test = pin!(run.test(place, true, stop.clone(), count));
        let second = tokio::select! {
            second = &mut test => second,
            () = run.until(in_time) => {
                stop.stop();
                test.await
            }
        };
        let Some(Ok(second)) = second else { return false };
        let signs = Signs::of(&second);
        self.alone.end(&signs, Instant::now());
        self.alone.pause();
        self.grow_rest(&signs);
        let now = standing(&second);
        // Cut short it proves nothing; else what was seen alone is what counts, unless it is less.
        if !second.observations.partial && now >= before {
            self.outcomes.insert(place, Ok(second));
            return now > before;
        }
        false
    }

    /// What was tested alone is forgotten before the next.
    async fn rest(&self) {
        self.run.until(sleep(Duration::from_millis(RETEST_SPACING_MS[self.rest]))).await;
    }

    fn grow_rest(&mut self, signs: &Signs) {
        self.rest = (self.rest + usize::from(signs.has_waited())).min(RETEST_SPACING_MS.len() - 1);
    }

    fn tell(&mut self, place: usize) {
        if let (true, Some(Ok(report))) = (self.untold.remove(&place), self.outcomes.get(&place)) {
            (self.run.happened)(&Event::Finished(place, report));
        }
    }

    fn tell_pace(&self, before: usize) {
        if self.pacer.width() != before {
            (self.run.happened)(&Event::Paced(self.pacer.width()));
        }
    }

    fn pace(&self, failed: usize) -> Pace {
        // One that came to more alone may have been down before.
        let is_chance = self.looks > 0 && self.helped < 2;
        let bears = self.pacer.bears().filter(|_| !is_chance);
        let troubled = self.stretches.iter().find(|(_, one)| one.shows_trouble()).filter(|_| bears.is_some());
        let last = self.stretches.iter().last().filter(|(wave, _)| troubled.is_some_and(|(first, _)| *wave > first));
        let borne = bears.and_then(|targets| {
            let paced = last.and_then(|(_, last)| last.as_borne(targets));
            paced.or_else(|| self.alone.as_borne(targets))
        });
        Pace {
            jobs: self.jobs,
            limit: troubled.map(|(_, stretch)| stretch.as_limit()),
            bears: borne,
            failed_beside_others: failed,
            tested_alone: self.looks,
            better_alone: self.helped,
        }
    }
}
