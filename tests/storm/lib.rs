//! Storms: seeded worlds in which the gate, with the real SDK clients, lives through everything at once, under tokio's
//! paused clock.
//!
//! Arrows point one way: [`run`] → [`carriage`] (bus, queue, mapping, Lambda) → [`wire`] (the fleet as the SDK's HTTP
//! client) → the fleet. [`scene`] says what is in a run, [`laws`] what must hold in every one, [`sabotage`] keeps broken
//! gates that the laws must catch.

mod bus;
mod dice;
pub mod laws;
mod mapping;
mod queue;
pub mod run;
pub mod sabotage;
pub mod scene;
pub mod shrink;
pub mod table;
mod weather;
mod wire;
mod world;
