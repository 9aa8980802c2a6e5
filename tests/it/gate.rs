//! Tests launch-gate on the fleet. Its real handler and real SDK clients reach the fleet over loopback; the rules of
//! the template and a simulated queue bring it the events. The test moves the fleet's clock, so nothing sleeps.

mod aws;
mod codes;
mod deployments;
mod faults;
mod mending;
mod messages;
mod parameters;
mod repairs;
mod shop;
mod stories;
mod told;
mod warm_pool;
mod world;
