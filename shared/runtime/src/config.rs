//! What the environment of launch-gate says (DESIGN 5).

use std::time::Duration;

use lifecycle::policy::Policy;

/// The configuration of launch-gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The launch lifecycle hook that makes a group ours; every other is left alone.
    pub hook: String,
    /// The SSM document of a readiness run: its name.
    pub readiness_document: String,
    /// The SSM document of a repair: its name. Without it nothing is repaired.
    pub install_document: Option<String>,
    /// The policy of a group that gives none, or a bad one.
    pub default_policy: Policy,
    /// The visibility timeout of the launch queue: a waiting message comes back after it.
    pub tick: Duration,
}

/// Everything that is wrong with the environment, in one error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment of launch-gate is wrong: {}", .0.join("; "))]
pub struct ConfigError(Vec<String>);

impl Config {
    /// Reads the configuration through `variable`, which answers like [`std::env::var`].
    ///
    /// # Errors
    /// [`ConfigError`] names every variable that is missing or bad.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        let mut wrong = Vec::new();
        let config = Self {
            hook: given("HOOK_NAME").unwrap_or_else(|| "launchgate".to_owned()),
            readiness_document: given("READINESS_DOCUMENT")
                .unwrap_or_else(|| missing("READINESS_DOCUMENT", &mut wrong)),
            install_document: given("INSTALL_DOCUMENT"),
            default_policy: default_policy(given("DEFAULT_POLICY"), &mut wrong),
            tick: tick(given("TICK_SECONDS"), &mut wrong),
        };
        if wrong.is_empty() { Ok(config) } else { Err(ConfigError(wrong)) }
    }
}

fn missing(name: &str, wrong: &mut Vec<String>) -> String {
    wrong.push(format!("{name} is not set"));
    String::new()
}

fn default_policy(text: Option<String>, wrong: &mut Vec<String>) -> Policy {
    let base = Policy::default();
    let Some(text) = text else {
        return base;
    };
    Policy::parse(&text, &base).unwrap_or_else(|error| {
        wrong.push(format!("DEFAULT_POLICY: {error}"));
        base
    })
}

fn tick(text: Option<String>, wrong: &mut Vec<String>) -> Duration {
    let Some(text) = text else {
        missing("TICK_SECONDS", wrong);
        return Duration::ZERO;
    };
    if let Ok(seconds @ 1..=300) = text.parse() {
        return Duration::from_secs(seconds);
    }
    wrong.push(format!("TICK_SECONDS: {text:?} is not a whole number of seconds from 1 to 300"));
    Duration::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let config = read(&[("READINESS_DOCUMENT", "lg-readiness"), ("TICK_SECONDS", "15"), ("DEFAULT_POLICY", "")]);
        let expected = Config {
            hook: "launchgate".into(),
            readiness_document: "lg-readiness".into(),
            install_document: None,
            default_policy: Policy::default(),
            tick: Duration::from_secs(15),
        };
        assert_eq!(config, Ok(expected));
    }

    #[test]
    fn one_error_names_everything_that_is_wrong() {
        let error = read(&[("TICK_SECONDS", "soon"), ("DEFAULT_POLICY", r#"{"mode":"off"}"#)]).unwrap_err().to_string();
        for name in ["READINESS_DOCUMENT is not set", "TICK_SECONDS", "\"soon\"", "DEFAULT_POLICY", "\"mode\""] {
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn a_missing_tick_is_named_too() {
        let error = read(&[("READINESS_DOCUMENT", "x")]).unwrap_err().to_string();
        assert_eq!(error, "the environment of launch-gate is wrong: TICK_SECONDS is not set");
    }
}
