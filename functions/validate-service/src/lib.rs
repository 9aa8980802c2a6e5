//! `ValidateService` on EC2: the last word of a deployment on an instance, from outside of it (DESIGN 7).
//!
//! The revision's script asks; this function makes sure that `CodeDeploy` is really asking, runs the readiness document
//! with the service's checks on the instance, and answers healthy, unhealthy or inconclusive, inside its own time-out.
//! What could not be seen is inconclusive, and never healthy.

mod answer;
mod config;
mod deployment;
mod handler;
mod policy;
mod request;
mod run;
mod telemetry;

pub use answer::{Answer, Verdict};
pub use config::Config;
pub use handler::{Output, Validator, handle};
