//! The fleet simulates Auto Scaling groups, managed instances, SSM commands, CodeDeploy and the events that they
//! publish, as `docs/aws-facts.md` describes them.
//!
//! Imports go one way: [`door`] (HTTP) → [`api`] (operations and their members) → the model ([`Fleet`]). The model is
//! plain state. It takes the time as an argument, never reads a clock, never sleeps, takes randomness from its seed
//! only, and walks ordered maps only. A run is therefore a function of its seed and its calls. A [`story`] says how an
//! instance changes; a [`host`] is its state at one moment.

pub mod api;
pub mod door;
pub mod driver;
pub mod endpoints;
pub mod host;
pub mod metadata;
mod model;
mod outputs;
mod repair;
mod report;
pub mod sandbox;
pub mod story;

pub use model::codedeploy_settings::{CodeDeploySettings, CopiesHooks};
pub use model::deployments::revision::RevisionScript;
pub use model::deployments::traffic::HookCall;
pub use model::events::Event;
pub use model::faults::{Fault, Faults};
pub use model::refused::Refused;
pub use model::scripts::{ScriptEnd, ScriptToRun};
pub use model::settings::Settings;
pub use model::timeline::{By, Entry, What};
pub use model::{Calls, Fleet};
