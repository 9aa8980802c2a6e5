//! The variables of a function, and everything that is wrong with them.

use lifecycle::policy::Policy;

/// Everything that is wrong with the environment, in one error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment of {function} is wrong: {}", .wrong.join("; "))]
pub struct ConfigError {
    function: &'static str,
    wrong: Vec<String>,
}

/// A reader that goes on where a variable is bad, so that one error can name them all.
pub struct Environment<F> {
    variable: F,
    wrong: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Environment<F> {
    /// Reads through `variable`, which answers like [`std::env::var`].
    pub fn new(variable: F) -> Self {
        Self { variable, wrong: Vec::new() }
    }

    /// A variable that may be missing. An empty one is: a template cannot leave one out.
    pub fn given(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    /// A variable that must be there.
    pub fn required(&mut self, name: &str) -> String {
        self.given(name).unwrap_or_else(|| {
            self.wrong(format!("{name} is not set"));
            String::new()
        })
    }

    /// `HOOK_NAME`: the launch lifecycle hook that makes a group ours.
    pub fn hook(&self) -> String {
        self.given("HOOK_NAME").unwrap_or_else(|| "launchgate".to_owned())
    }

    /// `DEFAULT_POLICY`: the policy of a group that gives none, or a bad one.
    pub fn default_policy(&mut self) -> Policy {
        let base = Policy::default();
        let Some(text) = self.given("DEFAULT_POLICY") else { return base };
        Policy::parse(&text, &base).unwrap_or_else(|error| {
            self.wrong(format!("DEFAULT_POLICY: {error}"));
            base
        })
    }

    /// Tells of something that is wrong.
    pub fn wrong(&mut self, what: String) {
        self.wrong.push(what);
    }

    /// What was read, if nothing is wrong with the environment of this `function`.
    ///
    /// # Errors
    /// [`ConfigError`] names everything that is.
    pub fn read<T>(self, function: &'static str, config: T) -> Result<T, ConfigError> {
        if self.wrong.is_empty() { Ok(config) } else { Err(ConfigError { function, wrong: self.wrong }) }
    }
}
