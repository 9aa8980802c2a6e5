//! Draws what happened to instances: one row per instance, its time coloured by state, the lanes beside each other.
//!
//! [`Timeline`] is the data, and what a JSON file holds. The demo fills one from its run, and other programs write the
//! same file; the drawing adds nothing to it.

mod axis;
mod bar;
mod contract;
mod draw;
mod error;
mod legend;
mod pairs;
mod states;

pub use contract::{Lane, Mark, Row, Span, State, Timeline};
pub use error::TimelineError;
