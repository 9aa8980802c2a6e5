//! What is answered: a status, and the reasons for it.

/// The two answers that a hook may give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// The traffic may shift.
    Succeeded,
    /// The deployment fails, and is rolled back where that is set up.
    Failed,
}

impl Status {
    /// As `CodeDeploy` spells it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
        }
    }

    /// As ECS spells it.
    pub(crate) const fn hook_status(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
        }
    }
}

/// Why the traffic must not shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    pub(crate) text: String,
    /// What was seen, as it was said: an answer, the tail of a log.
    pub(crate) evidence: Option<String>,
}

impl Reason {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), evidence: None }
    }
}

/// `Succeeded` only if something was validated and nothing was wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) reasons: Vec<Reason>,
    validated: bool,
}

impl Verdict {
    pub(crate) fn failed(reasons: Vec<Reason>) -> Self {
        Self { reasons, validated: false }
    }

    /// Of validators that all came to an end: none, or one or more reasons from each.
    pub(crate) fn of(ends: Vec<Vec<Reason>>) -> Self {
        Self { validated: !ends.is_empty(), reasons: ends.into_iter().flatten().collect() }
    }

    pub(crate) fn status(&self) -> Status {
        if self.validated && self.reasons.is_empty() { Status::Succeeded } else { Status::Failed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn succeeded_needs_a_validator_and_no_reason() {
        let wrong = || vec![Reason::new("wrong")];
        assert_eq!(Verdict::of(vec![vec![], vec![]]).status(), Status::Succeeded);
        assert_eq!(Verdict::of(vec![vec![], wrong()]).status(), Status::Failed);
        assert_eq!(Verdict::of(vec![]).status(), Status::Failed);
        assert_eq!(Verdict::failed(vec![]).status(), Status::Failed);
    }
}
