//! The interface of our two SSM documents: what a run is given, and how SSM lists it.

pub mod comment;
mod invocation;
mod parameters;

pub use invocation::{read_run, read_validation};
pub use parameters::Parameters;

/// How long the instance may take to accept a run, in seconds. The shortest that AWS allows is 30 (aws-facts 6.2).
pub const DELIVERY_SECONDS: i32 = 60;

/// The version of our documents that is run. The default version is not relied on: it has been reported that
/// CloudFormation does not move it to the new version (aws-facts 6.5). While a release gets its traffic, the functions of
/// the release before run the new document too.
pub const DOCUMENT_VERSION: &str = "$LATEST";

/// The names of our documents.
#[derive(Clone, Copy, Debug)]
pub struct Documents<'a> {
    /// The document of a readiness run.
    pub readiness: &'a str,
    /// The document of a repair, if the stack has one.
    pub install: Option<&'a str>,
}
