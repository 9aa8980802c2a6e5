//! Plays run stories on the local stack: `template.yaml` with its release binaries in ministack, the fleet in real
//! time, and a group that is opted in with the stack's own output. The demo shows a play; the tests check its outcome.

mod breakers;
mod calls;
mod copies;
mod course;
mod ends;
mod error;
mod lanes;
mod pool;
mod read;
mod revision;
mod rows;
mod scene;
mod shop;
mod ungated;

pub use ends::{End, Ends};
pub use error::PlayError;
pub use lanes::alone;
pub use read::choose_stories;
pub use rows::rows;
pub use scene::{GROUP, Play};
