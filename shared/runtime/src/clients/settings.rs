//! The settings that Lambda gives a function: Region, credentials and endpoints, all in its environment.
//!
//! `aws_config::load` would also look for profiles, roles, containers and instance metadata. Lambda has none of them for a
//! function, and that code makes a binary larger and its start slower (docs/bench.md).

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::identity::IdentityCache;
use aws_config::meta::region::ProvideRegion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, SdkConfig};
use aws_sdk_ssm::config::SharedCredentialsProvider;
use aws_sdk_ssm::error::BoxError;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use super::retry::CONNECT;
use super::tls::http_client;
use crate::process;

/// The Region, the credentials and the endpoints of the environment. The clients trust the certificates of `bundle`
/// (PEM), or Amazon's own if there is none.
///
/// # Errors
/// When the bundle cannot be used.
pub async fn load_settings(function: &'static str, bundle: Option<Vec<u8>>) -> Result<SdkConfig, BoxError> {
    let settings = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(EnvironmentVariableRegionProvider::new().region().await)
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
        .identity_cache(IdentityCache::lazy().build())
        .service_config(Endpoints)
        .use_fips(is_true("AWS_USE_FIPS_ENDPOINT"))
        .use_dual_stack(is_true("AWS_USE_DUALSTACK_ENDPOINT"))
        .retry_config(RetryConfig::standard())
        .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT).build())
        .http_client(http_client(bundle)?)
        .app_name(name_application(function)?);
    Ok(settings.build())
}

/// What the clients of a function send as the name of their application: `launch-gate-0.1.0`. `CloudTrail` shows it in
/// `userAgent`.
fn name_application(function: &str) -> Result<AppName, BoxError> {
    Ok(AppName::new(format!("{function}-{}", crate::VERSION))?)
}

fn is_true(variable: &str) -> bool {
    process::variable(variable).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// `AWS_ENDPOINT_URL_AUTO_SCALING` and the like, and `AWS_ENDPOINT_URL` for services without a variable of their own.
#[derive(Debug)]
struct Endpoints;

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace([' ', '-'], "_");
        process::variable(&format!("{}_{service}", key.env())).or_else(|| process::variable(key.env()))
    }
}

#[cfg(test)]
mod tests {
    use super::name_application;

    #[test]
    fn the_clients_tell_the_function_and_its_version() {
        let name = name_application("validate-service").ok().map(|name| name.to_string());
        assert_eq!(name, Some(format!("validate-service-{}", env!("CARGO_PKG_VERSION"))));
    }
}
