//! The AWS clients, and what each invocation does to them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, SdkConfig};
use aws_sdk_ssm::config::interceptors::{BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef};
use aws_sdk_ssm::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_ssm::error::BoxError;

mod patience;

pub use self::patience::{LastFailure, patient, without_quota};
pub use crate::tls::{certificates, connector, http_client};

/// The clients of launch-gate.
#[derive(Clone, Debug)]
pub struct Clients {
    /// Amazon EC2 Auto Scaling.
    pub autoscaling: aws_sdk_autoscaling::Client,
    /// AWS `CodeDeploy`.
    pub codedeploy: aws_sdk_codedeploy::Client,
    /// AWS Systems Manager.
    pub ssm: aws_sdk_ssm::Client,
}

impl Clients {
    /// Clients of this function, with the environment's own settings ([`settings`]).
    ///
    /// # Errors
    /// When the bundle cannot be used.
    pub async fn load(function: &'static str, bundle: Option<Vec<u8>>) -> Result<Self, BoxError> {
        Ok(Self::new(&settings(function, bundle).await?))
    }

    /// Clients for this configuration, which must name an HTTP client. Retries are the SDK's standard ones and nobody
    /// else's.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        let retries = || config.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
        let autoscaling = aws_sdk_autoscaling::config::Builder::from(config).retry_config(retries());
        let codedeploy = aws_sdk_codedeploy::config::Builder::from(config).retry_config(retries());
        let ssm = aws_sdk_ssm::config::Builder::from(config).retry_config(retries());
        Self {
            autoscaling: aws_sdk_autoscaling::Client::from_conf(autoscaling.build()),
            codedeploy: aws_sdk_codedeploy::Client::from_conf(codedeploy.build()),
            ssm: aws_sdk_ssm::Client::from_conf(ssm.build()),
        }
    }

    /// The same clients for somebody who waits: every attempt is counted, one that AWS refuses for now is made again until
    /// the caller's time is over, and `last` knows why. An answer that takes longer than 5 s is asked for again.
    #[must_use]
    pub fn patient(&self, tally: &Tally, last: &LastFailure) -> Self {
        let attempts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            .operation_attempt_timeout(Duration::from_secs(5))
            .build();
        let (attempts, quota) = (|| attempts.clone(), || without_quota("patient"));
        let autoscaling = self.autoscaling.config().to_builder().timeout_config(attempts()).retry_config(patient());
        let codedeploy = self.codedeploy.config().to_builder().timeout_config(attempts()).retry_config(patient());
        let ssm = self.ssm.config().to_builder().timeout_config(attempts()).retry_config(patient());
        let autoscaling = autoscaling.retry_partition(quota()).interceptor(tally.clone()).interceptor(last.clone());
        let codedeploy = codedeploy.retry_partition(quota()).interceptor(tally.clone()).interceptor(last.clone());
        let ssm = ssm.retry_partition(quota()).interceptor(tally.clone()).interceptor(last.clone());
        Self {
            autoscaling: aws_sdk_autoscaling::Client::from_conf(autoscaling.build()),
            codedeploy: aws_sdk_codedeploy::Client::from_conf(codedeploy.build()),
            ssm: aws_sdk_ssm::Client::from_conf(ssm.build()),
        }
    }

    /// The same clients for one invocation: every attempt is counted, and no call takes more than a third of the
    /// `remaining` time, so that one that hangs leaves the looks that do without it theirs.
    pub(crate) fn bounded(&self, remaining: Duration, tally: &Tally) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(remaining / 6)
            .operation_attempt_timeout(remaining / 6)
            .operation_timeout(remaining / 3)
            .build();
        let autoscaling = self.autoscaling.config().to_builder().timeout_config(timeouts.clone());
        let codedeploy = self.codedeploy.config().to_builder().timeout_config(timeouts.clone());
        let ssm = self.ssm.config().to_builder().timeout_config(timeouts);
        Self {
            autoscaling: aws_sdk_autoscaling::Client::from_conf(autoscaling.interceptor(tally.clone()).build()),
            codedeploy: aws_sdk_codedeploy::Client::from_conf(codedeploy.interceptor(tally.clone()).build()),
            ssm: aws_sdk_ssm::Client::from_conf(ssm.interceptor(tally.clone()).build()),
        }
    }
}

/// The Region, the credentials and the endpoints of the environment. Whoever is called trusts the certificates of
/// `bundle` (PEM), or else Amazon's own; and learns the function's name, which `CloudTrail` shows in `userAgent`.
///
/// # Errors
/// When the bundle cannot be used.
pub async fn settings(function: &'static str, bundle: Option<Vec<u8>>) -> Result<SdkConfig, BoxError> {
    let (http, name) = (http_client(bundle)?, AppName::new(function)?);
    Ok(aws_config::defaults(BehaviorVersion::latest()).http_client(http).app_name(name).load().await)
}

/// Counts the requests that leave, retries included.
#[derive(Clone, Debug, Default)]
pub struct Tally(Arc<AtomicU32>);

impl Tally {
    /// How many have left.
    #[must_use]
    pub fn calls(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Intercept for Tally {
    fn name(&self) -> &'static str {
        "tally"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// Counts the attempts of a call that AWS may have carried out without our hearing of it: no answer, or one that only
/// says that something went wrong there.
#[derive(Clone, Debug, Default)]
pub(crate) struct LostAnswers(Arc<AtomicU32>);

impl LostAnswers {
    pub(crate) fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

impl Intercept for LostAnswers {
    fn name(&self) -> &'static str {
        "lost answers"
    }

    fn read_after_attempt(
        &self,
        attempt: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if attempt.response().is_none_or(|response| response.status().is_server_error()) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}
