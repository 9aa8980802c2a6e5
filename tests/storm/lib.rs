//! Storms test launch-gate in seeded worlds in which many things go wrong at once. The gate runs with the real SDK
//! clients under tokio's paused clock, so a run is fast and depends on its seed only.
//!
//! Imports go one way: [`seeds`] and [`bursts`] → [`run`] → mapping and lambda, or a poller → bus and wire → the fleet.
//! [`scene`] describes what is in a run, [`laws`] what must hold in every run, and [`sabotage`] has broken gates that
//! the laws must catch. The queue and the SDK's HTTP client are those of launchgate-tests.

mod breaker;
pub mod bursts;
mod bus;
mod codedeploy;
pub mod consumer;
mod dice;
pub mod green;
mod lambda;
mod launch;
pub mod laws;
mod mapping;
pub mod outage;
mod owner;
#[cfg(test)]
mod parity;
mod poller;
pub mod run;
pub mod sabotage;
pub mod scene;
pub mod seeds;
pub mod shrink;
pub mod table;
#[cfg(test)]
mod tests;
mod trials;
mod weather;
mod wire;
mod world;
