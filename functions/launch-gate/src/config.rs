//! The environment of launch-gate.

use std::time::Duration;

use lifecycle::policy::Policy;
use runtime::documents::Documents;
use runtime::environment::{ConfigError, Environment, ReadinessSettings};

/// The configuration of launch-gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The hook, the readiness document and the default policy.
    pub readiness: ReadinessSettings,
    /// `INSTALL_DOCUMENT`: the name of the SSM document of a repair. Without it nothing is repaired.
    pub install_document: Option<String>,
    /// `BREAKER`: whether the role allows to suspend Launch of a group. Without it breakers only raise alarms.
    pub may_suspend: bool,
    /// `QUEUE_URL`: the launch queue.
    pub queue_url: String,
    /// `TICK_SECONDS`: the visibility timeout of the launch queue, 1 to 300 s. A message that waits comes back after it.
    pub tick: Duration,
}

impl Config {
    /// Reads the configuration through `variable`, such as [`runtime::process::variable`].
    ///
    /// # Errors
    /// [`ConfigError`] names every variable that is missing or bad.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut environment = Environment::new(variable);
        // `read_number` accepts a missing variable, so this line reports it.
        environment.read_required("TICK_SECONDS");
        let config = Self {
            readiness: environment.read_readiness_settings(),
            install_document: environment.read_optional("INSTALL_DOCUMENT"),
            may_suspend: environment.read_switch("BREAKER"),
            queue_url: environment.read_required("QUEUE_URL"),
            tick: Duration::from_secs(environment.read_number("TICK_SECONDS", 1..=300).unwrap_or_default()),
        };
        environment.finish("launch-gate", config)
    }

    /// The policy in the metadata of a hook, and what is wrong with it.
    pub(crate) fn policy_of(&self, metadata: Option<&str>) -> (Policy, Option<String>) {
        let (mut policy, warning) = Policy::of_hook(metadata, &self.readiness.default_policy);
        // A stack without the install document cannot repair, so no repair is decided.
        policy.repair &= self.install_document.is_some();
        (policy, warning)
    }

    pub(crate) fn documents(&self) -> Documents<'_> {
        Documents { readiness: &self.readiness.document, install: self.install_document.as_deref() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let config = read(&[
            ("READINESS_DOCUMENT", "lg-readiness"),
            ("TICK_SECONDS", "30"),
            ("QUEUE_URL", "https://queue"),
            ("DEFAULT_POLICY", ""),
            ("BREAKER", "disabled"),
        ]);
        let (hook, document, default_policy) = ("launchgate".into(), "lg-readiness".into(), Policy::default());
        let expected = Config {
            readiness: ReadinessSettings { hook, document, default_policy },
            install_document: None,
            may_suspend: false,
            queue_url: "https://queue".into(),
            tick: Duration::from_secs(30),
        };
        assert_eq!(config, Ok(expected));
    }

    #[test]
    fn one_error_names_everything_that_is_wrong() {
        let error = read(&[("TICK_SECONDS", "soon"), ("DEFAULT_POLICY", r#"{"mode":"off"}"#)]).unwrap_err().to_string();
        for name in [
            "READINESS_DOCUMENT is not set",
            "QUEUE_URL is not set",
            "TICK_SECONDS",
            "\"soon\"",
            "DEFAULT_POLICY",
            "\"mode\"",
        ] {
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn the_breaker_is_enabled_by_its_word() {
        let read = |word| {
            read(&[("READINESS_DOCUMENT", "x"), ("TICK_SECONDS", "30"), ("QUEUE_URL", "x"), ("BREAKER", word)])
                .map(|config| config.may_suspend)
        };
        assert_eq!((read("enabled"), read("disabled"), read("")), (Ok(true), Ok(false), Ok(false)));
        let error = read("yes").unwrap_err().to_string();
        assert!(error.contains("BREAKER: \"yes\" is neither enabled nor disabled"), "{error}");
    }

    #[test]
    fn a_missing_tick_is_named_too() {
        let error = read(&[("READINESS_DOCUMENT", "x"), ("QUEUE_URL", "x")]).unwrap_err().to_string();
        assert_eq!(error, "the environment of launch-gate is wrong: TICK_SECONDS is not set");
    }
}
