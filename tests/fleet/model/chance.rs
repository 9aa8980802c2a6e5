//! Draws ids and tokens from one seed.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

pub(super) struct Chance(SmallRng);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(SmallRng::seed_from_u64(seed))
    }

    /// A version 4 UUID: tokens, activity, command and event ids.
    pub(super) fn uuid(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.0.random()).into_uuid().to_string()
    }

    /// `i-0` and 16 hexadecimal digits.
    pub(super) fn instance_id(&mut self) -> String {
        format!("i-0{:016x}", self.0.random::<u64>())
    }
}
