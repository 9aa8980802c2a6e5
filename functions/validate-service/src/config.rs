//! The environment of validate-service.

use runtime::environment::{ConfigError, Environment, ReadinessSettings};

/// Reads the configuration through `variable`, such as [`runtime::process::variable`].
///
/// # Errors
/// [`ConfigError`] names every variable that is missing or bad.
pub fn read_config(variable: impl Fn(&str) -> Option<String>) -> Result<ReadinessSettings, ConfigError> {
    let mut environment = Environment::new(variable);
    let config = environment.read_readiness_settings();
    environment.finish("validate-service", config)
}
