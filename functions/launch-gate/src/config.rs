//! The environment of launch-gate.

use std::time::Duration;

use lifecycle::policy::{Policy, PolicyError};
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
        let install_document = environment.read_optional("INSTALL_DOCUMENT");
        let mut readiness = environment.read_readiness_settings();
        match restrict(readiness.default_policy.clone(), install_document.as_deref()) {
            Ok(policy) => readiness.default_policy = policy,
            Err(error) => environment.add_error(format!("DEFAULT_POLICY: {error}")),
        }
        let config = Self {
            readiness,
            install_document,
            may_suspend: environment.read_switch("BREAKER"),
            queue_url: environment.read_required("QUEUE_URL"),
            tick: Duration::from_secs(environment.read_number("TICK_SECONDS", 1..=300).unwrap_or_default()),
        };
        environment.finish("launch-gate", config)
    }

    /// The policy in the metadata of a hook, and what is wrong with it.
    pub(crate) fn policy_of(&self, metadata: Option<&str>) -> (Policy, Option<String>) {
        let restricted = |policy| restrict(policy, self.install_document.as_deref());
        Policy::of_hook(metadata, &self.readiness.default_policy, restricted)
    }

    pub(crate) fn documents(&self) -> Documents<'_> {
        Documents { readiness: &self.readiness.document, install: self.install_document.as_deref() }
    }
}

/// A stack without the install document cannot repair.
fn restrict(policy: Policy, install_document: Option<&str>) -> Result<Policy, PolicyError> {
    if install_document.is_some() { Ok(policy) } else { policy.without_repair() }
}

#[cfg(test)]
mod tests {
    use lifecycle::policy::AgentPolicy;

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
        let (hook, document, default_policy) =
            ("launchgate".into(), "lg-readiness".into(), Policy { repair: false, ..Policy::default() });
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
    fn a_stack_that_cannot_repair_cannot_start_the_agent_last() {
        let stack = [("READINESS_DOCUMENT", "x"), ("QUEUE_URL", "x"), ("TICK_SECONDS", "30")];
        let config = read(&stack).unwrap();
        for metadata in [r#"{"agent":"last"}"#, r#"{"agent":"last","repair":true}"#] {
            let (policy, warning) = config.policy_of(Some(metadata));
            assert_eq!(policy, config.readiness.default_policy);
            assert!(warning.is_some_and(|warning| warning.contains("policy key \"agent\"")));
        }
        assert!(!config.policy_of(Some(r#"{"repair":true}"#)).0.repair);
        let default = [&stack[..], &[("DEFAULT_POLICY", r#"{"agent":"last"}"#)]].concat();
        assert!(read(&default).unwrap_err().to_string().contains("DEFAULT_POLICY: policy key \"agent\""));
        let able = [&default[..], &[("INSTALL_DOCUMENT", "lg-install")]].concat();
        assert_eq!(read(&able).unwrap().policy_of(None).0.agent, AgentPolicy::Last);
    }

    #[test]
    fn a_missing_tick_is_named_too() {
        let error = read(&[("READINESS_DOCUMENT", "x"), ("QUEUE_URL", "x")]).unwrap_err().to_string();
        assert_eq!(error, "the environment of launch-gate is wrong: TICK_SECONDS is not set");
    }
}
