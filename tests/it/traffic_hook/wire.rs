//! The fleet, and the rest of the world, as the HTTP client of the SDK: everything above it is real, and every wait is
//! tokio's.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use launchgate_tests::fleet::door::{Request, recorder};

use super::answers::{Answer, throttled};
use super::asked::Asked;
use super::trouble::{Kind, Place};
use super::world::World;

/// The way to AWS, and to a health URL.
#[derive(Clone)]
pub(super) struct Wire(pub(super) Arc<World>);

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
        let world = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move { carry(&world, &request).await })
    }
}

/// There and back.
const HALF_WAY: Duration = Duration::from_millis(10);

async fn carry(world: &World, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let asked = Asked::of(request);
    world.note(&asked);
    // The door notes the calls of CodeDeploy itself.
    if asked.service != "codedeploy" {
        let (service, action) = asked.action();
        recorder::note(request.headers().get("x-amz-user-agent").unwrap_or_default(), service, action);
    }
    let trouble = world.meets(&asked);
    tokio::time::sleep(HALF_WAY).await;
    let answer = match trouble {
        None => perform(world, request, &asked),
        Some(Kind::Throttled) => throttled(&asked),
        Some(Kind::Hangs) => std::future::pending().await,
        Some(Kind::Resets) => return Err(reset()),
        Some(Kind::Panics) => panic!("the wire broke"),
        Some(Kind::AnswerLost) => {
            perform(world, request, &asked);
            return Err(reset());
        }
    };
    tokio::time::sleep(HALF_WAY).await;
    Ok(answer.into_sdk())
}

fn perform(world: &World, request: &HttpRequest, asked: &Asked) -> Answer {
    if asked.service != "codedeploy" {
        return world.check(asked);
    }
    let headers = request.headers().iter().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    let body = request.body().bytes().unwrap_or_default().to_vec();
    let answer = world.code_deploy(&Request { headers: headers.collect(), body });
    if asked.place() == Place::Answer && answer.status == 200 {
        world.accepts(&asked.members);
    }
    answer
}

fn reset() -> ConnectorError {
    ConnectorError::io(Box::new(std::io::Error::from(std::io::ErrorKind::ConnectionReset)))
}
