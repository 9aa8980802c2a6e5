//! What the environment of validate-service says.

use lifecycle::policy::Policy;
use runtime::config::{ConfigError, Environment};

/// The configuration of validate-service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The launch lifecycle hook whose metadata is the policy of a group.
    pub hook: String,
    /// The SSM document of a readiness run: its name.
    pub readiness_document: String,
    /// The policy of an instance whose group gives none, or a bad one, or that is in no group.
    pub default_policy: Policy,
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
            default_policy: environment.default_policy(),
        };
        environment.read("validate-service", config)
    }
}
