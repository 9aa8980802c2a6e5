//! Stories on the local stack: `template.yaml` with its release binaries in ministack, the fleet in real time, one group
//! that is opted in as the stack's own output says. The demo shows a play; the tests assert one.

mod calls;
mod ends;
mod error;
mod revision;
mod rows;
mod scene;
mod shop;

pub use ends::{End, Ends};
pub use error::PlayError;
pub use rows::rows;
pub use scene::{GROUP, Play};
