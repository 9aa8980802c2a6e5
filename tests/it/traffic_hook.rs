//! traffic-hook with the real SDK clients on the fleet, under a paused clock: whatever goes wrong, `CodeDeploy` has the
//! right answer, once, and before the function's own time-out.

mod answers;
mod asked;
mod invocation;
mod laws;
mod lines;
mod table;
mod trouble;
mod validators;
mod web;
mod world;
