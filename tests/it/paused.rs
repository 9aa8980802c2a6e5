//! The fleet as the HTTP client of the SDK, under tokio's paused clock: the clients are the real ones, and every wait is
//! over at once.

use std::sync::{Arc, Mutex};

use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_sdk_ssm::config::{AsyncSleep, Credentials, SharedAsyncSleep, SharedCredentialsProvider, Sleep};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use launchgate_tests::fleet::door::{Request, answer};
use launchgate_tests::fleet::{Fleet, api};
use lifecycle::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

/// A fleet whose time is tokio's.
#[derive(Clone)]
pub(crate) struct Paused(Arc<Inner>);

struct Inner {
    fleet: Mutex<Fleet>,
    began: (Timestamp, Instant),
}

impl std::fmt::Debug for Paused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Paused")
    }
}

impl Paused {
    pub(crate) fn new(fleet: Fleet, now: Timestamp) -> Self {
        Self(Arc::new(Inner { fleet: Mutex::new(fleet), began: (now, Instant::now()) }))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.began.0 + self.0.began.1.elapsed()
    }

    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Fleet) -> T) -> T {
        let mut fleet = self.0.fleet.lock().unwrap();
        fleet.advance(self.now());
        act(&mut fleet)
    }

    /// An operation, as its caller sees it.
    pub(crate) fn call(&self, service: &str, operation: &str, members: &Value) -> Value {
        let answer = self.with(|fleet| api::call(fleet, self.now(), service, operation, members));
        answer.outcome.unwrap_or_else(|refused| panic!("{operation}: {refused:?}"))
    }
}

/// The settings of a function's clients: this way to AWS, the standard retries, and tokio's clock.
pub(crate) fn settings(way: impl HttpClient + 'static, function: &'static str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("AKID", "secret", None, None, "it")))
        .http_client(way)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep))
        .app_name(AppName::new(function).unwrap())
        .build()
}

impl HttpClient for Paused {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Paused {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let paused = self.clone();
        HttpConnectorFuture::new(async move {
            let headers = request.headers().iter().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
            let body = request.body().bytes().unwrap_or_default().to_vec();
            let request = Request { headers: headers.collect(), body };
            let now = paused.now();
            let response = paused.with(|fleet| answer(fleet, now, &request));
            tokio::time::sleep(response.delay).await;
            let status = response.status.try_into().map_err(|error| ConnectorError::other(Box::new(error), None))?;
            let mut sent = HttpResponse::new(status, SdkBody::from(response.body));
            for (name, value) in response.headers {
                sent.headers_mut().insert(name, value);
            }
            Ok(sent)
        })
    }
}

#[derive(Debug)]
struct TokioSleep;

impl AsyncSleep for TokioSleep {
    fn sleep(&self, duration: std::time::Duration) -> Sleep {
        Sleep::new(tokio::time::sleep(duration))
    }
}
