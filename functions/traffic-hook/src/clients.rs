//! The AWS clients, and the way to a health URL.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_codedeploy::config::interceptors::FinalizerInterceptorContextRef;
use aws_sdk_codedeploy::config::retry::{RetryPartition, TokenBucket};
use aws_sdk_codedeploy::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_codedeploy::error::BoxError;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use runtime::chain;
use runtime::clients::{connector, settings};

/// The clients of traffic-hook.
#[derive(Clone, Debug)]
pub struct Clients {
    cloudwatch: aws_sdk_cloudwatch::Client,
    codedeploy: aws_sdk_codedeploy::Client,
    lambda: aws_sdk_lambda::Client,
    web: SharedHttpConnector,
}

/// The clients of one invocation. Those of AWS remember what their last call failed with.
pub(crate) struct Calls {
    pub(crate) cloudwatch: aws_sdk_cloudwatch::Client,
    pub(crate) codedeploy: aws_sdk_codedeploy::Client,
    pub(crate) lambda: aws_sdk_lambda::Client,
    pub(crate) web: SharedHttpConnector,
    pub(crate) last: Last,
}

/// The last failure of each service.
#[derive(Default)]
pub(crate) struct Last {
    pub(crate) cloudwatch: LastFailure,
    pub(crate) codedeploy: LastFailure,
    pub(crate) lambda: LastFailure,
}

/// An answer of AWS comes within this, or is asked for again. An invocation of the version under test is not among
/// these: it takes as long as it takes.
const ATTEMPT: Duration = Duration::from_secs(5);
const CONNECT: Duration = Duration::from_secs(3);

impl Clients {
    /// Clients with the environment's own settings ([`settings`]); a health URL is trusted as AWS is.
    ///
    /// # Errors
    /// When the bundle cannot be used.
    pub async fn load(bundle: Option<Vec<u8>>) -> Result<Self, BoxError> {
        let web = SharedHttpConnector::new(connector(bundle.clone())?);
        Ok(Self::new(&settings("traffic-hook", bundle).await?, web))
    }

    /// Clients for this configuration, which must name an HTTP client; `web` carries the requests for a health URL.
    #[must_use]
    pub fn new(config: &SdkConfig, web: SharedHttpConnector) -> Self {
        let tries = TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build();
        let smoke = TimeoutConfig::builder().connect_timeout(CONNECT).build();
        let quota = quota();
        let cloudwatch = aws_sdk_cloudwatch::config::Builder::from(config).retry_config(patient());
        let codedeploy = aws_sdk_codedeploy::config::Builder::from(config).retry_config(patient());
        let lambda = aws_sdk_lambda::config::Builder::from(config).retry_config(patient());
        let cloudwatch = cloudwatch.retry_partition(quota.clone()).timeout_config(tries.clone()).build();
        let codedeploy = codedeploy.retry_partition(quota.clone()).timeout_config(tries).build();
        let lambda = lambda.retry_partition(quota).timeout_config(smoke).build();
        Self {
            cloudwatch: aws_sdk_cloudwatch::Client::from_conf(cloudwatch),
            codedeploy: aws_sdk_codedeploy::Client::from_conf(codedeploy),
            lambda: aws_sdk_lambda::Client::from_conf(lambda),
            web,
        }
    }

    pub(crate) fn of_one_invocation(&self) -> Calls {
        let last = Last::default();
        let cloudwatch = self.cloudwatch.config().to_builder().interceptor(last.cloudwatch.clone());
        let codedeploy = self.codedeploy.config().to_builder().interceptor(last.codedeploy.clone());
        let lambda = self.lambda.config().to_builder().interceptor(last.lambda.clone());
        Calls {
            cloudwatch: aws_sdk_cloudwatch::Client::from_conf(cloudwatch.build()),
            codedeploy: aws_sdk_codedeploy::Client::from_conf(codedeploy.build()),
            lambda: aws_sdk_lambda::Client::from_conf(lambda.build()),
            web: self.web.clone(),
            last,
        }
    }
}

/// The SDK's standard retries, and nobody else's. What ends them is the time that a call is given, not their number.
fn patient() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(1_000)
        .with_initial_backoff(Duration::from_millis(200))
        .with_max_backoff(Duration::from_secs(2))
}

/// The SDK's own quota of retries is one for all calls of a process: reads that were throttled would have spent what
/// the answer needs.
fn quota() -> RetryPartition {
    RetryPartition::custom("traffic-hook").token_bucket(TokenBucket::unlimited()).build()
}

/// What the last call of a client failed with, retries included; nothing after one that succeeded.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastFailure(Arc<Mutex<Option<String>>>);

impl LastFailure {
    /// To end a sentence with.
    pub(crate) fn told(&self) -> String {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().map(|last| format!("; the last answer was: {last}")).unwrap_or_default()
    }
}

impl Intercept for LastFailure {
    fn name(&self) -> &'static str {
        "last failure"
    }

    fn read_after_attempt(
        &self,
        attempt: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let failure = attempt.output_or_error().and_then(Result::err).map(|error| chain(error));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = failure;
        Ok(())
    }
}
