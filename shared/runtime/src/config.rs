//! What the environment of launch-gate says (DESIGN 5).

mod environment;

use std::time::Duration;

use lifecycle::policy::Policy;

pub use self::environment::{ConfigError, Environment};
use crate::run::Documents;

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

impl Config {
    /// Reads the configuration through `variable`, which answers like [`std::env::var`].
    ///
    /// # Errors
    /// [`ConfigError`] names every variable that is missing or bad.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut environment = Environment::new(variable);
        let config = Self {
            hook: environment.hook(),
            readiness_document: environment.required("READINESS_DOCUMENT"),
            install_document: environment.given("INSTALL_DOCUMENT"),
            default_policy: environment.default_policy(),
            tick: tick(&mut environment),
        };
        environment.read("launch-gate", config)
    }

    pub(crate) fn documents(&self) -> Documents<'_> {
        Documents { readiness: &self.readiness_document, install: self.install_document.as_deref() }
    }
}

fn tick(environment: &mut Environment<impl Fn(&str) -> Option<String>>) -> Duration {
    let text = environment.required("TICK_SECONDS");
    match text.parse() {
        Ok(seconds @ 1..=300) => return Duration::from_secs(seconds),
        _ if text.is_empty() => {}
        _ => environment.wrong(format!("TICK_SECONDS: {text:?} is not a whole number of seconds from 1 to 300")),
    }
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
