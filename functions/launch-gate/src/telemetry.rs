//! The log lines that operators read and query. The names in them are an interface: docs/operations.md lists them, and
//! tests hold them.

mod agent_last;
mod batch_line;
mod breaker_line;
mod idle_hooks;
mod mended_line;
pub mod names;
mod settled_line;
mod shell;
mod ungated_line;
mod waiting_line;

pub(crate) use self::batch_line::write_batch_line;
pub(crate) use self::breaker_line::{Tripped, write_breaker_line};
pub(crate) use self::idle_hooks::warn_of_idle_hooks;
pub(crate) use self::settled_line::{Outcome, write_settled_line};
pub(crate) use self::ungated_line::write_ungated_line;
pub(crate) use self::waiting_line::write_waiting_lines;
