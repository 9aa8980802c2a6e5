//! The fleet as the HTTP client of the SDK: everything above it is real, and every wait is tokio's.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use launchgate_tests::fleet::door::{Request, Response, answer};
use lifecycle::Timestamp;

use crate::sabotage::Sabotage;
use crate::world::{Inner, World};

/// The way of one Lambda environment to AWS.
#[derive(Clone)]
pub(crate) struct Wire(pub(crate) Arc<World>);

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

/// The longest that a read lags behind. AWS says "eventually"; this is four ticks.
const BEHIND: Duration = Duration::from_mins(1);

/// What happens to one call on its way.
enum Way {
    Through { there: Duration, back: Duration },
    Broken,
    Refused,
    Lost,
}

async fn carry(world: &World, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let request = read(request);
    let name = operation(&request);
    let way = world.with(|inner, now| {
        let way = way(world, inner);
        let kind = match way {
            Way::Through { there, back } if (there + back) > Duration::from_secs(1) => "slow answer",
            Way::Through { .. } => return way,
            Way::Broken => "connection reset",
            Way::Refused => "server error",
            Way::Lost => "lost answer",
        };
        inner.meet(now, kind, &name);
        way
    });
    match way {
        Way::Through { there, back } => {
            tokio::time::sleep(there).await;
            let response = perform(world, &request, &name);
            tokio::time::sleep(back + response.delay).await;
            to_sdk(response)
        }
        Way::Broken => Err(reset()),
        Way::Refused => to_sdk(Response {
            status: 503,
            headers: Vec::new(),
            body: "Service Unavailable".to_owned(),
            delay: Duration::ZERO,
        }),
        Way::Lost => {
            perform(world, &request, &name);
            Err(reset())
        }
    }
}

fn way(world: &World, inner: &mut Inner) -> Way {
    let weather = &world.weather;
    let outage = weather.outage.is_some_and(|(from, to)| (from..to).contains(&world.elapsed().as_secs()));
    let dice = &mut inner.dice;
    if outage || dice.chance(weather.resets) {
        return Way::Broken;
    }
    if dice.chance(weather.server_errors) {
        return Way::Refused;
    }
    if dice.chance(weather.lost_answers) {
        return Way::Lost;
    }
    let (mut there, mut back) = (dice.millis(2..=30), dice.millis(2..=30));
    if dice.chance(weather.slow_answers) {
        let late = dice.millis(1_000..=15_000);
        if dice.chance(0.5) { there += late } else { back += late }
    }
    Way::Through { there, back }
}

fn perform(world: &World, request: &Request, name: &str) -> Response {
    let response = world.with(|inner, now| {
        if world.sabotage == Some(Sabotage::NoHeartbeats) && name == "RecordLifecycleActionHeartbeat" {
            return Sabotage::pretended_heartbeat();
        }
        if let Some(sabotage) = world.sabotage
            && let Some(instead) = sabotage.instead(inner, now, request, name)
        {
            return instead;
        }
        let request =
            if world.sabotage == Some(Sabotage::NoTokens) { Sabotage::without_token(request) } else { request.clone() };
        let response = answer(&mut inner.fleet, now, &request);
        let response = aged(world, inner, now, (&request, name), response);
        if response.status == 400 && response.body.contains("Throttling") {
            inner.meet(now, "throttled call", name);
        }
        inner.note(now, format_args!("{name} {}", response.status));
        response
    });
    world.woken.notify_one();
    response
}

/// A read may be answered with what was so a moment ago (eventual consistency), and a ping may seem lost.
fn aged(world: &World, inner: &mut Inner, now: Timestamp, asked: (&Request, &str), fresh: Response) -> Response {
    let (request, name) = asked;
    if !["BatchGet", "Describe", "List"].iter().any(|reads| name.starts_with(reads)) {
        return fresh;
    }
    let before = inner.answers.insert((name.to_owned(), request.body.clone()), (now, fresh.clone()));
    if let Some((at, old)) = before
        && now.since(at) <= BEHIND
        && inner.dice.chance(world.weather.states_behind)
    {
        inner.meet(now, "state behind", name);
        return old;
    }
    if name == "DescribeInstanceInformation" && inner.dice.chance(world.weather.stale_pings) {
        inner.meet(now, "stale ping", "");
        return Response { body: fresh.body.replace("\"Online\"", "\"ConnectionLost\""), ..fresh };
    }
    fresh
}

fn read(request: &HttpRequest) -> Request {
    let headers = request.headers().iter().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    Request { headers: headers.collect(), body: request.body().bytes().unwrap_or_default().to_vec() }
}

/// `AmazonSSM.SendCommand` in a header, `Action=CompleteLifecycleAction` in a form.
fn operation(request: &Request) -> String {
    if let Some(target) = request.headers.get("x-amz-target") {
        return target.rsplit('.').next().unwrap_or_default().to_owned();
    }
    let mut form = form_urlencoded::parse(&request.body);
    form.find(|(name, _)| name == "Action").map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn to_sdk(response: Response) -> Result<HttpResponse, ConnectorError> {
    let status = response.status.try_into().map_err(|error| ConnectorError::other(Box::new(error), None))?;
    let mut sent = HttpResponse::new(status, SdkBody::from(response.body));
    for (name, value) in response.headers {
        sent.headers_mut().insert(name, value);
    }
    Ok(sent)
}

fn reset() -> ConnectorError {
    ConnectorError::io(Box::new(std::io::Error::from(std::io::ErrorKind::ConnectionReset)))
}
