//! The breaker on simulated groups: how often it suspends Launch where it should, and where it should not.

use std::time::Duration;

use super::table::{group, instance, suspending};
use super::{End, Launch, Trip, judge};
use crate::policy::Policy;
use crate::timestamp::Timestamp;

/// How many random groups of each kind there are.
const SEEDS: u64 = 400;
/// A group replaces a launch that failed after this time.
const REPLACES_AFTER: Duration = Duration::from_secs(5);
/// A group in which nothing succeeds is not tried for longer than this many failures.
const MOST: usize = 60;

/// Numbers from a seed: splitmix64, which anybody can reckon again.
struct Dice(u64);

impl Dice {
    /// At least 0 and below 1.
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let upper = u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or_default();
        f64::from(upper) / (f64::from(u32::MAX) + 1.0)
    }
}

/// When launches fail. Good ones succeed 60 to 180 s after they began.
#[derive(Clone, Copy)]
enum Fails {
    /// As soon as others succeed.
    AsSoon,
    /// Within a minute, as those with a fatal finding.
    Sooner,
    /// At their deadline, after all others have succeeded.
    Late,
}

/// A group in which a share of the launches fails. Those of one batch begin within 20 s.
struct Simulated {
    dice: Dice,
    bad: f64,
    fails: Fails,
    /// Each launch with the moment at which it will end, and whether it will fail.
    launches: Vec<(Launch, Timestamp, bool)>,
}

impl Simulated {
    fn new(seed: u64, size: usize, bad: f64, fails: Fails) -> Self {
        let mut simulated = Self { dice: Dice(seed), bad, fails, launches: Vec::new() };
        for _ in 0..size {
            let after = Duration::from_secs_f64(20.0 * simulated.dice.roll());
            simulated.launch(Timestamp::default() + after);
        }
        simulated
    }

    fn launch(&mut self, began: Timestamp) {
        let fails = self.dice.roll() < self.bad;
        let takes = match (fails, self.fails) {
            (false, _) | (true, Fails::AsSoon) => 60.0 + 120.0 * self.dice.roll(),
            (true, Fails::Sooner) => 20.0 + 40.0 * self.dice.roll(),
            (true, Fails::Late) => 600.0 + self.dice.roll(),
        };
        let takes = Duration::from_secs_f64(takes);
        let instance = instance(self.launches.len());
        self.launches.push((Launch { instance, began, end: End::Open }, began + takes, fails));
    }

    /// Lets the next launch end, and replaces it if it failed. Returns when, and whether it failed.
    fn end_next(&mut self) -> Option<(Timestamp, bool)> {
        let open = self.launches.iter_mut().filter(|(launch, ..)| launch.end == End::Open);
        let (launch, ends, fails) = open.min_by_key(|(_, ends, _)| *ends)?;
        let (ends, fails) = (*ends, *fails);
        launch.end = if fails { End::Failed(ends, String::new()) } else { End::Succeeded(ends) };
        if fails {
            self.launch(ends + REPLACES_AFTER);
        }
        Some((ends, fails))
    }

    /// What exists at this moment.
    fn seen(&self, now: Timestamp) -> Vec<Launch> {
        let launches = self.launches.iter().map(|(launch, ..)| launch);
        launches.filter(|launch| launch.began <= now).cloned().collect()
    }
}

/// After how many failures the group is suspended, and after how many a bare count would suspend it.
fn try_group(mut simulated: Simulated, policy: &Policy) -> (Option<usize>, Option<usize>) {
    let (mut failed, mut counted) = (0, None);
    while let Some((now, fails)) = simulated.end_next() {
        failed += usize::from(fails);
        let launches = if fails { simulated.seen(now) } else { Vec::new() };
        match judge(&launches, &group(policy), now) {
            Some((Trip::Suspend, _)) => return (Some(failed), counted.or(Some(failed))),
            Some((Trip::Alarm(_), _)) => counted = counted.or(Some(failed)),
            None => (),
        }
        if failed == MOST {
            break;
        }
    }
    (None, counted)
}

/// The failures after which each group was suspended, and how many a bare count would have suspended.
fn try_groups(size: usize, bad: f64, fails: Fails) -> (Vec<usize>, usize) {
    let policy = suspending();
    let groups = (0..SEEDS).map(|seed| Simulated::new(seed, size, bad, fails));
    let tried: Vec<_> = groups.map(|simulated| try_group(simulated, &policy)).collect();
    let suspended: Vec<usize> = tried.iter().filter_map(|(suspended, _)| *suspended).collect();
    let counted = tried.iter().filter(|(_, counted)| counted.is_some()).count();
    (suspended, counted)
}

#[test]
fn one_at_a_time_three_failures_suspend() {
    assert_eq!(try_groups(1, 1.0, Fails::AsSoon).0, vec![3; 400]);
    assert_eq!(try_groups(1, 1.0, Fails::Late).0, vec![3; 400]);
}

#[test]
fn of_a_hundred_at_once_half_must_fail_first() {
    let (suspended, counted) = try_groups(100, 1.0, Fails::AsSoon);
    assert_eq!((suspended.len(), counted), (400, 400), "every group is suspended");
    assert!(suspended.iter().all(|failures| [50, 51].contains(failures)), "{suspended:?}");
}

#[test]
fn two_hundred_of_which_a_few_fail_are_never_suspended() {
    for fails in [Fails::AsSoon, Fails::Sooner, Fails::Late] {
        let (suspended, counted) = try_groups(200, 0.015, fails);
        assert_eq!((suspended.len(), counted), (0, 227), "of 400; docs/breaker.md has the numbers");
    }
}

#[test]
fn twenty_of_which_every_seventh_fails_are_hardly_ever_suspended() {
    for (fails, how_many) in [(Fails::AsSoon, 2), (Fails::Sooner, 0), (Fails::Late, 4)] {
        let (suspended, counted) = try_groups(20, 0.15, fails);
        assert_eq!((suspended.len(), counted), (how_many, 277), "of 400; docs/breaker.md has the numbers");
    }
}
