//! launch-gate on the fleet: the real handler and the real SDK clients over loopback, between the rules of the template
//! and a queue. The fleet's time is moved; nothing sleeps.

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
