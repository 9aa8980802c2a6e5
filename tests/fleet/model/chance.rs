//! Draws ids, tokens and spans of time from one seed.

use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

pub(super) struct Chance {
    ids: SmallRng,
    /// Drawn apart, so that one more or less does not change the ids.
    spans: SmallRng,
}

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self { ids: SmallRng::seed_from_u64(seed), spans: SmallRng::seed_from_u64(seed.rotate_left(32)) }
    }

    /// A version 4 UUID: tokens, activity, command and event ids.
    pub(super) fn uuid(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.ids.random()).into_uuid().to_string()
    }

    /// `i-0` and 16 hexadecimal digits.
    pub(super) fn instance_id(&mut self) -> String {
        format!("i-0{:016x}", self.ids.random::<u64>())
    }

    /// A span of time, both ends included.
    pub(super) fn between(&mut self, (least, most): (Duration, Duration)) -> Duration {
        least + most.saturating_sub(least).mul_f64(self.spans.random_range(0.0..=1.0))
    }
}
