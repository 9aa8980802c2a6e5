//! Answers the hooks of deployments that shift traffic: of `CodeDeploy` on Lambda and ECS, and of ECS itself.
//!
//! [`handler`] is one invocation: [`event`] says who asks, `deployment` what is deployed, `validate` whether it works,
//! and `answer` sends the [`verdict`], always and before the function's own time-out. What could not be validated is
//! `Failed`: a hook that is silent holds the deployment for an hour (AWS-FACTS 4.2), and one that guesses lets a broken
//! version have the traffic.

mod answer;
mod budget;
pub mod clients;
pub mod config;
mod deployment;
mod error;
pub mod event;
mod guard;
mod handler;
mod subset;
pub mod telemetry;
mod validate;
mod verdict;

pub use error::HookError;
pub use handler::{Hook, handle};
