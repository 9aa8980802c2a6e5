//! The fleet: Auto Scaling groups, managed instances, commands and the events they publish, true to AWS-FACTS.
//!
//! Arrows point one way: [`door`] (the wire) → [`api`] (operations and their members) → the model ([`Fleet`]).
//! The model is plain state. It takes the time as an argument, never reads a clock, never sleeps, draws randomness
//! from its seed alone and walks ordered maps only, so that a run is a function of its seed and its calls.
//! What an instance is like comes from its [`story`]; [`host`] is one moment of it.

pub mod api;
pub mod door;
pub mod driver;
pub mod endpoints;
pub mod host;
pub mod metadata;
mod model;
mod repair;
mod report;
pub mod sandbox;
pub mod story;

pub use model::codedeploy_settings::CodeDeploySettings;
pub use model::deployments::revision::RevisionScript;
pub use model::deployments::traffic::HookCall;
pub use model::events::Event;
pub use model::faults::{Fault, Faults};
pub use model::refused::Refused;
pub use model::scripts::{ScriptEnd, ScriptToRun};
pub use model::settings::Settings;
pub use model::timeline::{By, Entry, What};
pub use model::{Calls, Fleet};
