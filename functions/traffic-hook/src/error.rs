//! Why an invocation fails.

use lambda_runtime::Diagnostic;

use crate::event::UnknownEvent;

/// Why an invocation fails. Lambda makes the asynchronous ones of `CodeDeploy` again, twice by default.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HookError {
    /// There is nobody to answer.
    #[error(transparent)]
    Unknown(#[from] UnknownEvent),
    /// The answer may not have arrived.
    #[error("the answer may not have arrived: {0}")]
    Lost(String),
}

impl From<HookError> for Diagnostic {
    fn from(error: HookError) -> Self {
        let error_type = match error {
            HookError::Unknown(_) => "UnknownEvent",
            HookError::Lost(_) => "AnswerLost",
        };
        Self { error_type: error_type.to_owned(), error_message: error.to_string() }
    }
}
