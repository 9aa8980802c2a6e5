//! The AWS clients that launch-gate and validate-service share, and their settings.

mod attempts;
mod retry;
mod settings;
mod tls;

use std::time::Duration;

pub use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_ssm::error::BoxError;

pub use self::attempts::Attempts;
pub use self::retry::{own_partition, own_retry_bucket, patient_retries, patient_timeouts};
pub use self::settings::load_settings;
pub use self::tls::{connector, http_client};

/// One client for each service that is called.
#[derive(Clone, Debug)]
pub struct Clients {
    /// Amazon EC2 Auto Scaling.
    pub autoscaling: aws_sdk_autoscaling::Client,
    /// AWS `CodeDeploy`.
    pub codedeploy: aws_sdk_codedeploy::Client,
    /// AWS Systems Manager.
    pub ssm: aws_sdk_ssm::Client,
}

/// New clients, each with its settings changed in the same way.
macro_rules! with_each {
    ($autoscaling:expr, $codedeploy:expr, $ssm:expr, |$settings:ident| $changed:expr) => {
        Clients {
            autoscaling: aws_sdk_autoscaling::Client::from_conf({
                let $settings: aws_sdk_autoscaling::config::Builder = $autoscaling;
                $changed.build()
            }),
            codedeploy: aws_sdk_codedeploy::Client::from_conf({
                let $settings: aws_sdk_codedeploy::config::Builder = $codedeploy;
                $changed.build()
            }),
            ssm: aws_sdk_ssm::Client::from_conf({
                let $settings: aws_sdk_ssm::config::Builder = $ssm;
                $changed.build()
            }),
        }
    };
    ($clients:expr, |$settings:ident| $changed:expr) => {
        with_each!(
            $clients.autoscaling.config().to_builder(),
            $clients.codedeploy.config().to_builder(),
            $clients.ssm.config().to_builder(),
            |$settings| $changed
        )
    };
}

impl Clients {
    /// Clients of this function, with the environment's own settings ([`load_settings`]).
    ///
    /// # Errors
    /// When the bundle cannot be used.
    pub async fn load(function: &'static str, bundle: Option<Vec<u8>>) -> Result<Self, BoxError> {
        Ok(Self::new(&load_settings(function, bundle).await?))
    }

    /// Clients for this configuration, which must name an HTTP client. The SDK retries, in its standard way. What it learns
    /// of throttles, each client keeps to itself.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        let retries = config.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
        with_each!(config.into(), config.into(), config.into(), |settings| settings
            .retry_config(retries.clone())
            .retry_partition(own_partition()))
    }

    /// The same clients for a function that is asked again soon. Three attempts, as the SDK makes them, and none longer
    /// than 5 s: while AWS throttles, the next question is the retry. `calls` watches every attempt.
    #[must_use]
    pub fn brief(&self, calls: &Attempts) -> Self {
        with_each!(self, |settings| settings
            .timeout_config(patient_timeouts())
            .retry_config(RetryConfig::standard())
            .interceptor(calls.clone()))
    }

    /// The same clients for one invocation of launch-gate. No call takes longer than `share`, and no attempt longer than
    /// half of it, so that a call that hangs leaves time for the looks that do without it. If there are `many` calls and
    /// AWS throttles, the SDK sends no faster than AWS takes them: all of an account share one request bucket
    /// (aws-facts 2.4). A lone call is better made again at once. `CodeDeploy` is never paced: it is called rarely, so after a
    /// throttle its pace would fall to one call in 2 s and stay there. `calls` watches every attempt.
    #[must_use]
    pub fn bounded(&self, share: Duration, many: bool, calls: &Attempts) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(share / 2)
            .operation_attempt_timeout(share / 2)
            .operation_timeout(share)
            .build();
        let retries = if many { RetryConfig::adaptive() } else { RetryConfig::standard() };
        let bounded = with_each!(self, |settings| settings
            .timeout_config(timeouts.clone())
            .retry_config(retries.clone())
            .interceptor(calls.clone()));
        let codedeploy = bounded.codedeploy.config().to_builder().retry_config(RetryConfig::standard()).build();
        Self { codedeploy: aws_sdk_codedeploy::Client::from_conf(codedeploy), ..bounded }
    }
}
