//! How a validation ended: its status, and the problems that were found.

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
pub(crate) struct Problem {
    pub(crate) text: String,
    /// What was seen, word for word: an answer, the end of a log.
    pub(crate) evidence: Option<String>,
}

impl Problem {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), evidence: None }
    }
}

/// `Succeeded` only if something was validated and nothing was wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Validation {
    pub(crate) problems: Vec<Problem>,
    validated: bool,
}

impl Validation {
    pub(crate) fn failed(problems: Vec<Problem>) -> Self {
        Self { problems, validated: false }
    }

    /// The validation by these validators, each of which has ended with its problems, or with none.
    pub(crate) fn of(ends: Vec<Vec<Problem>>) -> Self {
        Self { validated: !ends.is_empty(), problems: ends.into_iter().flatten().collect() }
    }

    pub(crate) fn status(&self) -> Status {
        if self.validated && self.problems.is_empty() { Status::Succeeded } else { Status::Failed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn succeeded_needs_a_validator_and_no_reason() {
        let wrong = || vec![Problem::new("wrong")];
        assert_eq!(Validation::of(vec![vec![], vec![]]).status(), Status::Succeeded);
        assert_eq!(Validation::of(vec![vec![], wrong()]).status(), Status::Failed);
        assert_eq!(Validation::of(vec![]).status(), Status::Failed);
        assert_eq!(Validation::failed(vec![]).status(), Status::Failed);
    }
}
