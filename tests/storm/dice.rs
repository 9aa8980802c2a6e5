//! Draws every random choice of a run from its seed.

use std::ops::RangeInclusive;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// A stream of random choices.
#[derive(Debug)]
pub(crate) struct Dice(SmallRng);

impl Dice {
    /// Streams of one seed under different names have nothing to do with each other.
    pub(crate) fn of(seed: u64, name: &str) -> Self {
        let stream = name.bytes().fold(0, |sum: u64, byte| sum.wrapping_mul(131).wrapping_add(byte.into()));
        Self(SmallRng::seed_from_u64(seed ^ stream.rotate_left(32)))
    }

    pub(crate) fn chance(&mut self, rate: f64) -> bool {
        rate > 0.0 && self.0.random::<f64>() < rate
    }

    pub(crate) fn number(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.0.random_range(range)
    }

    pub(crate) fn millis(&mut self, range: RangeInclusive<u64>) -> Duration {
        Duration::from_millis(self.number(range))
    }

    /// Nothing in half of the cases, else up to `most`: so that most storms are of a few kinds only.
    pub(crate) fn rate(&mut self, most: f64) -> f64 {
        if self.chance(0.5) { 0.0 } else { self.0.random::<f64>() * most }
    }

    pub(crate) fn one_of<T: Clone>(&mut self, values: &[T], otherwise: T) -> T {
        let last = values.len().saturating_sub(1);
        let at = usize::try_from(self.number(0..=last as u64)).unwrap_or(0);
        values.get(at).cloned().unwrap_or(otherwise)
    }
}
