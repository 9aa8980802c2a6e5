//! Tests traffic-hook with the real SDK clients on the fleet, under tokio's paused clock. Whatever goes wrong,
//! CodeDeploy must get the right answer, once, and before the function's own time-out.

mod answers;
mod asked;
mod invocation;
mod laws;
mod lines;
mod not_yet;
mod table;
mod trouble;
mod validators;
mod web;
mod world;
