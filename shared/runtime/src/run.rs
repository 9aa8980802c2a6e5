//! A run of one of our documents on an instance: what it is given, and how SSM tells of it.

mod invocation;
mod parameters;

pub use invocation::read;
pub use parameters::Parameters;

/// How long the instance may take to accept a run, in seconds; the shortest that AWS allows is 30 (AWS-FACTS 6.2).
pub const DELIVERY_SECONDS: i32 = 60;

/// The names of our documents.
#[derive(Clone, Copy, Debug)]
pub struct Documents<'a> {
    /// That of a readiness run.
    pub readiness: &'a str,
    /// That of a repair, if there is one.
    pub install: Option<&'a str>,
}
