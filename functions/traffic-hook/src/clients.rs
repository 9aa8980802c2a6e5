//! The AWS clients of traffic-hook, and the HTTP client for a health URL.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_codedeploy::error::BoxError;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use runtime::clients::{Attempts, connector, load_settings, own_retry_bucket, patient_retries, patient_timeouts};

use runtime::environment::ConfigError;

/// The clients of traffic-hook.
#[derive(Clone, Debug)]
pub struct Clients {
    cloudwatch: aws_sdk_cloudwatch::Client,
    codedeploy: aws_sdk_codedeploy::Client,
    lambda: aws_sdk_lambda::Client,
    web: SharedHttpConnector,
}

/// The clients of one invocation. The attempts of the AWS clients are watched.
pub(crate) struct Calls {
    pub(crate) cloudwatch: aws_sdk_cloudwatch::Client,
    pub(crate) codedeploy: aws_sdk_codedeploy::Client,
    pub(crate) lambda: aws_sdk_lambda::Client,
    pub(crate) web: SharedHttpConnector,
    pub(crate) attempts: ServiceAttempts,
}

/// The attempts to call each service.
#[derive(Default)]
pub(crate) struct ServiceAttempts {
    pub(crate) cloudwatch: Attempts,
    pub(crate) codedeploy: Attempts,
    pub(crate) lambda: Attempts,
}

/// How long a connection for the smoke invocation may take. The invocation itself has no limit of its own.
const CONNECT: Duration = Duration::from_secs(3);

impl Clients {
    /// Clients with the environment's own settings ([`load_settings`]). The health URL is checked with the same certificates
    /// as AWS. If the bundle cannot be used, the clients trust Amazon's own roots, so that the function can still answer the
    /// deployment and say what is wrong.
    ///
    /// # Errors
    /// When Amazon's own roots cannot be used either.
    pub async fn load(bundle: Result<Option<Vec<u8>>, String>) -> Result<(Self, Option<ConfigError>), BoxError> {
        let wrong = match bundle {
            Ok(bundle) => match Self::trusting(bundle).await {
                Ok(clients) => return Ok((clients, None)),
                Err(error) => error.to_string(),
            },
            Err(error) => error,
        };
        Ok((Self::trusting(None).await?, Some(ConfigError::new("traffic-hook", format!("SSL_CERT_FILE: {wrong}")))))
    }

    async fn trusting(bundle: Option<Vec<u8>>) -> Result<Self, BoxError> {
        let web = SharedHttpConnector::new(connector(bundle.clone())?);
        Ok(Self::new(&load_settings("traffic-hook", bundle).await?, web))
    }

    /// Clients for this configuration, which must name an HTTP client; `web` carries the requests for a health URL.
    #[must_use]
    pub fn new(config: &SdkConfig, web: SharedHttpConnector) -> Self {
        let tries = patient_timeouts();
        let smoke = TimeoutConfig::builder().connect_timeout(CONNECT).build();
        let quota = own_retry_bucket("traffic-hook");
        let cloudwatch = aws_sdk_cloudwatch::config::Builder::from(config).retry_config(patient_retries());
        let codedeploy = aws_sdk_codedeploy::config::Builder::from(config).retry_config(patient_retries());
        let lambda = aws_sdk_lambda::config::Builder::from(config).retry_config(patient_retries());
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
        let attempts = ServiceAttempts::default();
        let cloudwatch = self.cloudwatch.config().to_builder().interceptor(attempts.cloudwatch.clone());
        let codedeploy = self.codedeploy.config().to_builder().interceptor(attempts.codedeploy.clone());
        let lambda = self.lambda.config().to_builder().interceptor(attempts.lambda.clone());
        Calls {
            cloudwatch: aws_sdk_cloudwatch::Client::from_conf(cloudwatch.build()),
            codedeploy: aws_sdk_codedeploy::Client::from_conf(codedeploy.build()),
            lambda: aws_sdk_lambda::Client::from_conf(lambda.build()),
            web: self.web.clone(),
            attempts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Clients;

    #[tokio::test]
    async fn a_bundle_that_cannot_be_read_is_told_and_keeps_nobody_from_answering() {
        let (_, wrong) = Clients::load(Err("/nowhere: no such file".to_owned())).await.unwrap();
        assert!(wrong.unwrap().to_string().contains("SSL_CERT_FILE: /nowhere: no such file"));
        let (_, wrong) = Clients::load(Ok(None)).await.unwrap();
        assert_eq!(wrong, None);
    }
}
