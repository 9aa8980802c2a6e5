//! The deadline and the home of one invocation.

use lambda_runtime::Context;
use lifecycle::Timestamp;
use lifecycle::event::Home;
use runtime::budget::read_deadline;

/// What Lambda says about one invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// When the function's time-out cuts it off.
    pub deadline: Timestamp,
    /// Where the function runs. Events from elsewhere are dropped. If it is not known, all are read.
    pub home: Option<Home>,
}

impl Invocation {
    pub(crate) fn read(context: &Context) -> Self {
        Self { deadline: read_deadline(context), home: Home::of_arn(&context.invoked_function_arn) }
    }
}
