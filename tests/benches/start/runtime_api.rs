//! The part of the Lambda Runtime API that one process needs. It hands out events, and records when it was asked and
//! answered.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::Failure;

/// As in template.yaml.
const TIMEOUT_MS: u128 = 12_000;

const FUNCTION: &str = "arn:aws:lambda:eu-central-1:210987654321:function:bench";

/// The requests of the process, with their times.
pub(crate) struct Heard {
    pub(crate) at: Instant,
    pub(crate) what: Word,
}

pub(crate) enum Word {
    /// It asks for the next event.
    Next,
    /// It answers one.
    Answer(Value),
    /// It reports that it cannot.
    Error(String),
}

/// The Runtime API of one process.
pub(crate) struct RuntimeApi {
    /// `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) address: String,
    events: UnboundedSender<String>,
    heard: UnboundedReceiver<Heard>,
}

struct Shared {
    events: Mutex<UnboundedReceiver<String>>,
    heard: UnboundedSender<Heard>,
}

impl RuntimeApi {
    pub(crate) async fn start() -> Result<Self, Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?.to_string();
        let (events, pending) = unbounded_channel();
        let (told, heard) = unbounded_channel();
        let shared = Arc::new(Shared { events: Mutex::new(pending), heard: told });
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(answer))
            .fallback(error)
            .with_state(shared);
        tokio::spawn(async { axum::serve(listener, routes).await });
        Ok(Self { address, events, heard })
    }

    /// The event is handed out at the next request for one.
    pub(crate) fn queue(&self, event: &Value) -> Result<(), Failure> {
        Ok(self.events.send(event.to_string())?)
    }

    pub(crate) async fn hear(&mut self) -> Result<Heard, Failure> {
        self.heard.recv().await.ok_or_else(|| "the runtime API ended".into())
    }
}

impl Shared {
    fn tell(&self, at: Instant, what: Word) {
        // Nobody may be listening any more; then nobody is measuring.
        drop(self.heard.send(Heard { at, what }));
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    shared.tell(Instant::now(), Word::Next);
    let Some(event) = shared.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned()),
        ("lambda-runtime-deadline-ms", (now + TIMEOUT_MS).to_string()),
        ("lambda-runtime-invoked-function-arn", FUNCTION.to_owned()),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0".to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, event).into_response()
}

async fn answer(State(shared): State<Arc<Shared>>, body: Bytes) -> StatusCode {
    let at = Instant::now();
    shared.tell(at, Word::Answer(serde_json::from_slice(&body).unwrap_or_default()));
    StatusCode::ACCEPTED
}

/// `/runtime/init/error` and `/runtime/invocation/{id}/error`.
async fn error(State(shared): State<Arc<Shared>>, body: Bytes) -> StatusCode {
    shared.tell(Instant::now(), Word::Error(String::from_utf8_lossy(&body).into_owned()));
    StatusCode::ACCEPTED
}
