//! Storms: seeded worlds in which the gate, with the real SDK clients, lives through everything at once, under tokio's
//! paused clock.
//!
//! Arrows point one way: [`seeds`] and [`bursts`] → [`run`] → mapping and lambda, or a poller; bus and queue → wire (the
//! fleet as the SDK's HTTP client) → the fleet. [`scene`] says what is in a run, [`laws`] what must hold in every one, [`sabotage`] keeps broken
//! gates that the laws must catch.

pub mod bursts;
mod bus;
mod codedeploy;
pub mod consumer;
mod dice;
mod lambda;
pub mod laws;
mod mapping;
mod owner;
#[cfg(test)]
mod parity;
mod poller;
mod queue;
pub mod run;
pub mod sabotage;
pub mod scene;
pub mod seeds;
pub mod shrink;
pub mod table;
#[cfg(test)]
mod tests;
mod weather;
mod wire;
mod world;

use std::time::Duration;

/// How messages are carried, as the template has it; a test holds the two together.
#[derive(Clone, Copy, Debug)]
pub struct Carriage {
    /// How long the mapping gathers messages.
    pub window: Duration,
    /// The most messages of a batch.
    pub batch: usize,
    /// Invocations at once.
    pub concurrency: usize,
    /// The function's time-out.
    pub timeout: Duration,
    /// The queue's visibility timeout.
    pub tick: Duration,
    /// Receives before a message is a dead letter.
    pub most_receives: u32,
}

/// How messages are carried.
#[must_use]
pub const fn carriage() -> Carriage {
    Carriage {
        window: Duration::from_secs(1),
        batch: 1_000,
        concurrency: 2,
        timeout: Duration::from_secs(12),
        tick: Duration::from_secs(15),
        most_receives: 1_000,
    }
}
