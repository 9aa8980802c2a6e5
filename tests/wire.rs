//! An HTTP client of the AWS SDK that opens no connection. It calls a [`Remote`] in the same process.
//!
//! The tests give it to the functions' real SDK clients, so signing, retries and parsing are the SDK's own. All waiting
//! is tokio's, which costs no time while tokio's clock is paused.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use tokio::time::{Instant, sleep};

use crate::fleet::door;

/// The SDK's time at the beginning of a test, since 1970. Any time will do.
const BEGINNING: Duration = Duration::from_hours(497_048);

/// The services that a [`Wire`] calls.
pub trait Remote: Send + Sync + 'static {
    /// Decides how a request travels. Called when the request leaves; without an override nothing delays or breaks it.
    fn trip(&self, _: &Sent) -> Trip {
        Trip::default()
    }

    /// Carries out a request and returns the answer.
    fn answer(&self, sent: &Sent) -> Answer;
}

/// A request of the SDK.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The HTTP method.
    pub method: String,
    /// The URI.
    pub uri: String,
    /// Headers and body, as the fleet reads them.
    pub request: door::Request,
}

/// How long one request travels, and what goes wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Trip {
    /// From the client to the service.
    pub there: Duration,
    /// From the service to the client.
    pub back: Duration,
    /// What goes wrong once the request has arrived.
    pub trouble: Option<Trouble>,
}

/// What can go wrong with one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The request is not carried out; the client gets this answer.
    Refused(Answer),
    /// The request is not carried out, and the connection breaks.
    Reset,
    /// The request is carried out, and the connection breaks before the answer.
    AnswerLost,
    /// There is never an answer.
    Hangs,
    /// The connector itself panics.
    Panics,
}

/// An answer, whose body may be binary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How much later the service sends it.
    pub delay: Duration,
}

impl Answer {
    /// An answer without headers.
    #[must_use]
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: body.into(), ..Self::default() }
    }

    /// The same answer with one header more.
    #[must_use]
    pub fn with(mut self, header: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((header, value.into()));
        self
    }

    fn into_sdk(self) -> Result<HttpResponse, ConnectorError> {
        let status = self.status.try_into().map_err(|error| ConnectorError::other(Box::new(error), None))?;
        let mut response = HttpResponse::new(status, SdkBody::from(self.body));
        for (name, value) in self.headers {
            response.headers_mut().insert(name, value);
        }
        Ok(response)
    }
}

impl From<door::Response> for Answer {
    fn from(response: door::Response) -> Self {
        let door::Response { status, headers, body, delay } = response;
        Self { status, headers, body: body.into(), delay }
    }
}

impl Sent {
    fn read(request: &HttpRequest) -> Self {
        let headers = request.headers().iter().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
        let body = request.body().bytes().unwrap_or_default().to_vec();
        let (method, uri) = (request.method().to_owned(), request.uri().to_owned());
        Self { method, uri, request: door::Request { headers: headers.collect(), body } }
    }

    /// The value of a header, named in lower case; empty if the request has none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.request.headers.get(name).map(String::as_str).unwrap_or_default()
    }
}

/// The HTTP client.
#[derive(Clone)]
pub struct Wire(Arc<dyn Remote>);

impl Wire {
    /// A client whose requests this remote answers.
    #[must_use]
    pub fn to(remote: &Arc<impl Remote>) -> Self {
        Self(remote.clone())
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl HttpClient for Wire {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let remote = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move { carry(&*remote, &Sent::read(&request)).await })
    }
}

async fn carry(remote: &dyn Remote, sent: &Sent) -> Result<HttpResponse, ConnectorError> {
    let Trip { there, back, trouble } = remote.trip(sent);
    pass(there).await;
    let answer = match trouble {
        None => remote.answer(sent),
        Some(Trouble::Refused(answer)) => answer,
        Some(Trouble::Reset) => return Err(reset()),
        Some(Trouble::AnswerLost) => {
            remote.answer(sent);
            return Err(reset());
        }
        Some(Trouble::Hangs) => std::future::pending().await,
        Some(Trouble::Panics) => broken(),
    };
    pass(back + answer.delay).await;
    answer.into_sdk()
}

/// Even a sleep of zero lasts until the next millisecond of tokio's timer, so none is begun.
async fn pass(span: Duration) {
    if !span.is_zero() {
        sleep(span).await;
    }
}

fn reset() -> ConnectorError {
    ConnectorError::io(Box::new(std::io::Error::from(std::io::ErrorKind::ConnectionReset)))
}

#[expect(clippy::panic, reason = "a function must survive a panic in its HTTP client")]
fn broken() -> ! {
    panic!("the wire broke")
}

/// Tells the SDK the time by tokio's clock, which the tests pause. Its rate limiter counts by it.
#[derive(Debug)]
struct TokioTime(Instant);

impl TimeSource for TokioTime {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + BEGINNING + self.0.elapsed()
    }
}

/// The SDK settings that the functions have in the tests: this HTTP client, this function's name, made-up credentials,
/// and tokio's clock. Retries are the SDK's standard ones.
#[must_use]
pub fn settings(client: impl HttpClient + 'static, function: &'static str) -> SdkConfig {
    let mut settings = SdkConfig::builder();
    settings.set_app_name(AppName::new(function).ok());
    settings
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("AKID", "secret", None, None, "tests")))
        .http_client(client)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .time_source(SharedTimeSource::new(TokioTime(Instant::now())))
        .build()
}
