//! Sends events to an EventBridge endpoint with `PutEvents` (awsJson 1.1).

use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use lifecycle::Timestamp;
use serde_json::{Value, json};
use thiserror::Error;

/// What `PutEvents` takes at once.
const ENTRIES: usize = 10;

type Body = Full<axum::body::Bytes>;

/// Why EventBridge did not take the events.
#[derive(Debug, Error)]
#[error("{url}: {cause}")]
pub struct PutError {
    url: String,
    cause: String,
}

/// An endpoint that takes `PutEvents`.
pub struct EventBus {
    url: String,
    client: Client<HttpConnector, Body>,
}

impl EventBus {
    /// The endpoint at `url`, such as `http://127.0.0.1:4566`.
    #[must_use]
    pub fn at(url: &str) -> Self {
        Self { url: url.to_owned(), client: Client::builder(TokioExecutor::new()).build_http() }
    }

    /// Puts events, each a whole envelope.
    ///
    /// # Errors
    /// If the endpoint is not there, or refuses a request or one of the events.
    pub async fn put(&self, events: &[Value]) -> Result<(), PutError> {
        for events in events.chunks(ENTRIES) {
            self.put_chunk(events).await?;
        }
        Ok(())
    }

    async fn put_chunk(&self, events: &[Value]) -> Result<(), PutError> {
        let wrong = |cause: String| PutError { url: self.url.clone(), cause };
        let request = self.request(events).map_err(|e| wrong(e.to_string()))?;
        let response = self.client.request(request).await.map_err(|e| wrong(chain(&e)))?;
        let status = response.status();
        let body = response.into_body().collect().await.map_err(|e| wrong(e.to_string()))?.to_bytes();
        let answer: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let refused = answer.get("FailedEntryCount").and_then(Value::as_u64);
        if status.is_success() && refused.is_none_or(|refused| refused == 0) {
            return Ok(());
        }
        Err(wrong(format!("{status} {}", String::from_utf8_lossy(&body))))
    }

    fn request(&self, events: &[Value]) -> Result<axum::http::Request<Body>, axum::http::Error> {
        let entries: Vec<Value> = events.iter().map(entry).collect();
        axum::http::Request::post(&self.url)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", "AWSEvents.PutEvents")
            // Emulators route by the credential scope, and check no signature.
            .header("authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/events/aws4_request, SignedHeaders=host, Signature=0")
            .body(Full::from(json!({"Entries": entries}).to_string()))
    }
}

/// `PutEvents` knows the parts of an event by other names, and wants the detail as text.
fn entry(event: &Value) -> Value {
    let part = |name| event.get(name).cloned().unwrap_or_default();
    let time = part("time").as_str().and_then(Timestamp::parse).map(|time| time.millis().div_euclid(1000));
    json!({
        "Source": part("source"), "DetailType": part("detail-type"), "Detail": part("detail").to_string(),
        "Resources": part("resources"), "Time": time,
    })
}

/// An error with its causes: the outer one alone says "client error".
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
