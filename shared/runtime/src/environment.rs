//! Reads the environment variables of a function, and collects everything that is wrong with them.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use lifecycle::policy::Policy;

/// Everything that is wrong with the environment, in one error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment of {function} is wrong: {}", .wrong.join("; "))]
pub struct ConfigError {
    function: &'static str,
    wrong: Vec<String>,
}

impl ConfigError {
    /// One thing that is wrong with the environment of this `function`.
    #[must_use]
    pub fn new(function: &'static str, wrong: String) -> Self {
        Self { function, wrong: vec![wrong] }
    }

    /// Everything that is wrong, one text each.
    #[must_use]
    pub fn wrong(&self) -> &[String] {
        &self.wrong
    }
}

/// What launch-gate and validate-service both read from their environments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadinessSettings {
    /// `HOOK_NAME`: the launch lifecycle hook that makes a group ours. Hooks of other names are left alone.
    pub hook: String,
    /// `READINESS_DOCUMENT`: the name of the SSM document of a readiness run.
    pub document: String,
    /// `DEFAULT_POLICY`: the policy of a group whose hook carries none, or a bad one.
    pub default_policy: Policy,
}

/// Reads variables. It goes on after a bad one, so that one error can name them all.
pub struct Environment<F> {
    variable: F,
    wrong: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Environment<F> {
    /// Reads through `variable`, such as [`crate::process::variable`].
    pub fn new(variable: F) -> Self {
        Self { variable, wrong: Vec::new() }
    }

    /// A variable that may be missing, without white space around it. An empty one counts as missing, because a template
    /// cannot leave a variable out.
    pub fn read_optional(&self, name: &str) -> Option<String> {
        (self.variable)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// A variable that must be set.
    pub fn read_required(&mut self, name: &str) -> String {
        self.read_optional(name).unwrap_or_else(|| {
            self.add_error(format!("{name} is not set"));
            String::new()
        })
    }

    /// A variable that may be missing and is a whole number in this range.
    pub fn read_number<T>(&mut self, name: &str, range: RangeInclusive<T>) -> Option<T>
    where
        T: FromStr + PartialOrd + Display,
    {
        let text = self.read_optional(name)?;
        let number = text.parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            let (least, most) = (range.start(), range.end());
            self.add_error(format!("{name}: {text:?} is not a whole number from {least} to {most}"));
        }
        number
    }

    /// A variable that is `enabled` or `disabled`; one that is missing is disabled.
    pub fn read_switch(&mut self, name: &str) -> bool {
        let word = self.read_optional(name);
        if let Some(word) = word.as_deref().filter(|word| !["enabled", "disabled"].contains(word)) {
            self.add_error(format!("{name}: {word:?} is neither enabled nor disabled"));
        }
        word.as_deref() == Some("enabled")
    }

    /// The hook, the readiness document and the default policy.
    pub fn read_readiness_settings(&mut self) -> ReadinessSettings {
        ReadinessSettings {
            hook: self.read_optional("HOOK_NAME").unwrap_or_else(|| "launchgate".to_owned()),
            document: self.read_required("READINESS_DOCUMENT"),
            default_policy: self.read_default_policy(),
        }
    }

    fn read_default_policy(&mut self) -> Policy {
        let base = Policy::default();
        let Some(text) = self.read_optional("DEFAULT_POLICY") else { return base };
        Policy::parse(&text, &base).unwrap_or_else(|error| {
            self.add_error(format!("DEFAULT_POLICY: {error}"));
            base
        })
    }

    /// Adds something that is wrong.
    pub fn add_error(&mut self, what: String) {
        self.wrong.push(what);
    }

    /// The `config` that was read, if nothing is wrong with the environment of this `function`.
    ///
    /// # Errors
    /// [`ConfigError`] names everything that is wrong.
    pub fn finish<T>(self, function: &'static str, config: T) -> Result<T, ConfigError> {
        if self.wrong.is_empty() { Ok(config) } else { Err(ConfigError { function, wrong: self.wrong }) }
    }
}
