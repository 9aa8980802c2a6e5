//! Answers the hooks of deployments that shift traffic: of `CodeDeploy` on Lambda and ECS, and of ECS itself.
//!
//! [`handler`] is one invocation: [`event`] says who asks, `deployment` what is deployed, `validate` whether it works,
//! and `answer` sends the status, always and before the function's own time-out. If it could not validate, it answers
//! `Failed`: a hook that does not answer holds the deployment for an hour (aws-facts 4.2), and one that guesses lets a
//! broken version have the traffic.

mod answer;
pub mod clients;
pub mod config;
mod deployment;
mod error;
pub mod event;
mod guard;
mod handler;
mod json_subset;
mod judgement;
mod platform;
mod targets;
pub mod telemetry;
mod validate;
mod validation;

pub use error::HookError;
pub use handler::{Hook, handle};
