//! Answers a deployment's `ValidateService` script on EC2: is this instance serving the revision?
//!
//! The revision's script asks. This function makes sure that `CodeDeploy` is really asking, runs the readiness document
//! with the service's checks on the instance, and answers healthy, unhealthy or inconclusive before its own time-out
//! (ARCHITECTURE.md#the-questions). If it could not look, it answers inconclusive, never healthy.

mod answer;
mod config;
mod confirm;
mod context;
mod handler;
mod policy;
mod readiness_run;
mod request;
mod telemetry;

pub use answer::{Answer, Verdict};
pub use config::read_config;
pub use handler::{Output, Validator, handle};
