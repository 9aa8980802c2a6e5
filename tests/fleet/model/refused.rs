//! A refused operation, with the error code and the message of AWS.

/// The error of an operation that AWS refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The error code, e.g. `InvalidInstanceId`.
    pub code: String,
    /// The message.
    pub message: String,
}

/// The code for a member outside the service model's bounds; the JSON services say `ValidationException` instead.
pub(crate) const VALIDATION: &str = "ValidationError";

impl Refused {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }

    /// Bad input, and whatever else Auto Scaling says with this code (aws-facts 2.4).
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new(VALIDATION, message)
    }

    /// 500 for what the service itself got wrong, 400 for the rest ([BOTO autoscaling:ResourceContentionFault]).
    pub(crate) fn status(&self) -> u16 {
        match self.code.as_str() {
            "ResourceContention" | "InternalServerError" | "InternalFailure" | "InternalError" => 500,
            "ServiceUnavailable" => 503,
            _ => 400,
        }
    }
}
