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
