//! How many targets are tested at a time: a state machine without a clock. It starts with as many as the user asked
//! for. Once a target shows symptoms of overload, no target begins until it was tested again alone. If that helps, load
//! is the cause: the number is halved, and slowly grows again. If not, the pace stays. Once load is known to be a
//! cause, the next failure halves the pace without a retest, and the one after it needs a retest again: hubs that are
//! down must not slow the others.

/// After this many retests in a row that do not help, load is not the cause.
const IN_VAIN: usize = 3;
/// This many results show whether most are late.
const FEW: usize = 8;
/// How often late answers alone halve the pace. A link that loses as many at every pace gains nothing by a lower one.
const HALVED_FOR_LATE: usize = 3;

/// How a target did while others were tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TestOutcome {
    Well,
    /// Most of its first SYNs were not answered.
    Late,
    /// With symptoms of overload, where another target passed.
    Failed,
}

/// Whether load is the cause of failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Suspicion {
    /// No failure so far.
    Unsuspected,
    /// A target must be tested again alone before another begins.
    Suspected,
    Guilty,
    Cleared,
}

/// Which targets were begun at one pace, or at a rising one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wave(usize);

#[derive(Debug)]
pub(super) struct Pacer {
    jobs: usize,
    width: usize,
    wave: Wave,
    suspicion: Suspicion,
    in_vain: usize,
    /// The width, and the least at which something had failed, before the last halving, if no retest has confirmed that
    /// halving.
    unproven: Option<(usize, usize)>,
    /// Of this wave: results, late ones, and well ones since the width changed.
    results: usize,
    late: usize,
    well: usize,
    halved_for_late: usize,
    /// The least width at which something failed, and the largest at which as many went well.
    failed_at: usize,
    sustained: usize,
}

impl Pacer {
    pub(super) fn new(jobs: usize) -> Self {
        Self {
            jobs,
            width: jobs,
            wave: Wave(0),
            suspicion: Suspicion::Unsuspected,
            in_vain: 0,
            unproven: None,
            results: 0,
            late: 0,
            well: 0,
            halved_for_late: 0,
            failed_at: usize::MAX,
            sustained: 0,
        }
    }

    /// How many may be under way.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Whether one more target may begin while `running` are under way.
    pub(super) fn has_room(&self, running: usize) -> bool {
        self.suspicion != Suspicion::Suspected && running < self.width
    }

    /// To which wave a target belongs that begins now.
    pub(super) fn wave(&self) -> Wave {
        self.wave
    }

    /// A target of `wave` has ended. What began at an earlier pace says nothing of this one.
    pub(super) fn ended(&mut self, wave: Wave, outcome: TestOutcome) {
        if wave != self.wave {
            return;
        }
        self.results += 1;
        match (outcome, self.suspicion) {
            (TestOutcome::Failed, Suspicion::Unsuspected) => self.suspicion = Suspicion::Suspected,
            (TestOutcome::Failed, Suspicion::Guilty) => self.failed_after_guilty(),
            (TestOutcome::Failed, Suspicion::Suspected | Suspicion::Cleared) => {}
            (TestOutcome::Late, _) => self.was_late(),
            (TestOutcome::Well, _) => self.went_well(),
        }
    }

    fn failed_after_guilty(&mut self) {
        match self.unproven {
            // Retests did not help: what fails now fails alone as well.
            _ if !self.may_retest() => {}
            None => {
                self.unproven = Some((self.width, self.failed_at));
                self.halve();
            }
            Some(_) => self.suspicion = Suspicion::Suspected,
        }
    }

    fn was_late(&mut self) {
        self.late += 1;
        if self.results < self.width.min(FEW) || self.late * 2 <= self.results || self.halved_for_late > HALVED_FOR_LATE
        {
            return;
        }
        self.halved_for_late += 1;
        match self.halved_for_late > HALVED_FOR_LATE {
            false => self.halve(),
            // Fewer were no better: it is the link, not the crowd.
            true if self.suspicion == Suspicion::Guilty => {}
            true => (self.width, self.failed_at, self.wave) = (self.jobs, usize::MAX, Wave(self.wave.0 + 1)),
        }
    }

    fn went_well(&mut self) {
        self.well += 1;
        if self.well >= self.width {
            self.sustained = self.sustained.max(self.width);
            self.well = 0;
            // A width that failed is not tried again.
            if self.width + 1 < self.failed_at.min(self.jobs.saturating_add(1)) {
                self.width += 1;
            }
        }
    }

    fn halve(&mut self) {
        self.failed_at = self.failed_at.min(self.width);
        // A width that failed once was not sustained.
        self.sustained = if self.sustained < self.failed_at { self.sustained } else { 0 };
        self.width = (self.width / 2).max(1);
        self.begin_wave();
    }

    fn begin_wave(&mut self) {
        self.wave = Wave(self.wave.0 + 1);
        (self.results, self.late, self.well) = (0, 0, 0);
    }

    /// Whether even one at a time may be too much if the next follows at once.
    pub(super) fn is_careful(&self) -> bool {
        self.width == 1 && self.failed_at != usize::MAX
    }

    /// Whether a target must be tested again alone before another begins.
    pub(super) fn wants_retest(&self) -> bool {
        self.suspicion == Suspicion::Suspected
    }

    /// Whether retests are still worth their time.
    pub(super) fn may_retest(&self) -> bool {
        self.in_vain < IN_VAIN
    }

    /// A target that failed was tested again alone: whether that helped.
    pub(super) fn retested(&mut self, helped: bool) {
        self.in_vain = if helped { 0 } else { self.in_vain + 1 };
        if helped && self.suspicion != Suspicion::Guilty {
            self.suspicion = Suspicion::Guilty;
            self.unproven = None;
            self.halve();
        }
    }

    /// No more retests for now.
    pub(super) fn retests_paused(&mut self) {
        if self.suspicion != Suspicion::Suspected {
            return;
        }
        self.suspicion = match self.unproven.take() {
            // Guilty once, but not of this.
            Some((width, failed_at)) => {
                (self.width, self.failed_at) = (width, failed_at);
                self.begin_wave();
                Suspicion::Guilty
            }
            None if self.may_retest() => Suspicion::Unsuspected,
            None => Suspicion::Cleared,
        };
    }

    /// All targets have ended: the rest may be tested again, whether or not earlier retests helped.
    pub(super) fn all_ended(&mut self) {
        self.in_vain = 0;
    }

    /// The most targets at a time that the network sustained; `None` if no pace was too much.
    pub(super) fn sustainable(&self) -> Option<usize> {
        (self.failed_at != usize::MAX).then(|| self.sustained.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `many` targets of the present wave end.
    fn end(pacer: &mut Pacer, many: usize, outcome: TestOutcome) {
        let wave = pacer.wave();
        (0..many).for_each(|_| pacer.ended(wave, outcome));
    }

    #[test]
    fn where_nothing_fails_the_pace_is_what_was_asked_for() {
        let mut pacer = Pacer::new(64);
        end(&mut pacer, 1000, TestOutcome::Well);
        assert!((pacer.width(), pacer.has_room(63), pacer.has_room(64)) == (64, true, false));
        assert_eq!((pacer.wants_retest(), pacer.sustainable()), (false, None));
    }

    #[test]
    fn what_works_alone_halves_the_pace_and_it_recovers_slowly() {
        let mut pacer = Pacer::new(64);
        let first = pacer.wave();
        end(&mut pacer, 5, TestOutcome::Failed);
        assert!(pacer.wants_retest() && !pacer.has_room(0));
        pacer.retested(true);
        pacer.retests_paused();
        assert_eq!((pacer.width(), pacer.has_room(0)), (32, true));
        (0..20).for_each(|_| pacer.ended(first, TestOutcome::Failed));
        assert_eq!(pacer.width(), 32, "those began before");
        for (unproven, proven) in [(16, 8), (4, 2), (1, 1)] {
            // The second and third are of the wave before.
            end(&mut pacer, 3, TestOutcome::Failed);
            assert_eq!((pacer.width(), pacer.wants_retest()), (unproven, false));
            end(&mut pacer, 1, TestOutcome::Failed);
            assert!(pacer.wants_retest());
            pacer.retested(true);
            pacer.retests_paused();
            assert_eq!(pacer.width(), proven);
        }
        assert_eq!(pacer.sustainable(), Some(1));
        let mut pacer = guilty(8);
        for width in [5, 6, 7, 7] {
            let now = pacer.width();
            end(&mut pacer, now, TestOutcome::Well);
            assert_eq!(pacer.width(), width, "never again as many as failed");
        }
        assert_eq!(pacer.sustainable(), Some(7));
    }

    fn guilty(jobs: usize) -> Pacer {
        let mut pacer = Pacer::new(jobs);
        end(&mut pacer, 1, TestOutcome::Failed);
        pacer.retested(true);
        pacer.retests_paused();
        pacer
    }

    #[test]
    fn what_fails_alone_too_does_not_slow_the_others() {
        let mut pacer = Pacer::new(64);
        end(&mut pacer, 1, TestOutcome::Failed);
        pacer.retested(false);
        // There was but one to look at.
        pacer.retests_paused();
        assert!(pacer.has_room(63) && !pacer.wants_retest());
        end(&mut pacer, 2, TestOutcome::Failed);
        assert!(pacer.wants_retest());
        (0..2).for_each(|_| pacer.retested(false));
        assert!(!pacer.may_retest());
        pacer.retests_paused();
        end(&mut pacer, 500, TestOutcome::Failed);
        assert_eq!((pacer.width(), pacer.wants_retest(), pacer.sustainable()), (64, false, None));
        pacer.all_ended();
        assert!(pacer.may_retest());
    }

    #[test]
    fn hubs_that_are_down_do_not_slow_the_others_for_one_that_was() {
        let mut pacer = guilty(64);
        end(&mut pacer, 1, TestOutcome::Failed);
        assert_eq!(pacer.width(), 16);
        end(&mut pacer, 1, TestOutcome::Failed);
        (0..3).for_each(|_| pacer.retested(false));
        pacer.retests_paused();
        assert_eq!((pacer.width(), pacer.has_room(31)), (32, true), "as it was before");
        end(&mut pacer, 100, TestOutcome::Failed);
        assert_eq!((pacer.width(), pacer.wants_retest()), (32, false));
        end(&mut pacer, 32, TestOutcome::Well);
        assert_eq!(pacer.sustainable(), Some(32));
    }

    #[test]
    fn late_answers_halve_the_pace_while_that_helps() {
        let mut pacer = Pacer::new(64);
        end(&mut pacer, 8, TestOutcome::Late);
        assert_eq!(pacer.width(), 32);
        end(&mut pacer, 32, TestOutcome::Well);
        assert_eq!((pacer.width(), pacer.sustainable()), (33, Some(32)));
        let mut pacer = Pacer::new(64);
        for width in [32, 16, 8, 64, 64] {
            end(&mut pacer, 8, TestOutcome::Late);
            assert_eq!(pacer.width(), width, "a link that loses at every pace is not waited for");
        }
        assert_eq!(pacer.sustainable(), None);
    }

    #[test]
    fn one_at_a_time_is_no_crowd() {
        let mut pacer = guilty(1);
        assert_eq!((pacer.width(), pacer.sustainable()), (1, Some(1)));
        end(&mut pacer, 10, TestOutcome::Failed);
        assert!(pacer.has_room(0) && !pacer.has_room(1));
    }
}
