//! Tests launch-gate on the fleet. Its real handler and real SDK clients reach the fleet and the queue in process; the
//! rules of the template bring the events into the queue. All time is tokio's paused clock, so nothing sleeps.

mod agent_last;
mod aws;
mod breaker;
mod codes;
mod deployments;
mod evidence;
mod faults;
mod green;
mod limits;
mod mending;
mod messages;
mod parameters;
mod repairs;
mod seen;
mod shop;
mod stories;
mod told;
mod validations;
mod verdicts;
mod waiting;
mod warm_pool;
mod world;
