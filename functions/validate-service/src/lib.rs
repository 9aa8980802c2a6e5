//! Answers a deployment's `ValidateService` script on EC2: is this instance serving the revision?
//!
//! The revision's script asks, and asks again while the answer is pending. This function makes sure that `CodeDeploy` is
//! really asking, starts a run of the readiness document with the service's checks on the instance, and finds that run
//! again by its comment. It answers healthy, unhealthy, inconclusive or pending within a few seconds
//! (ARCHITECTURE.md#the-questions). If it could not look, it never answers healthy.

mod answer;
mod config;
mod confirm;
mod context;
mod handler;
mod payload;
mod policy;
mod question;
mod readiness_run;
mod request;
mod telemetry;

pub use answer::{Answer, Verdict};
pub use config::read_config;
pub use handler::{Output, Validator, handle};
pub use payload::Payload;
