//! The instance metadata service, version 2, of any number of instances, each under its own path.

use std::collections::BTreeMap;
use std::future::{Future, pending};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, put};

use crate::fleet::host::{AgentState, Host, Metadata};

/// What the service answers on behalf of each instance. An instance it does not know is not found.
#[derive(Clone, Debug, Default)]
pub struct Instances(Arc<Mutex<BTreeMap<String, Known>>>);

/// What the service knows of one instance.
#[derive(Clone, Copy, Debug)]
struct Known {
    metadata: Metadata,
    role: bool,
}

type Answer = Result<String, StatusCode>;

impl Instances {
    /// From now on the instance's service answers for this host. One whose agent has no credentials has no role.
    pub fn set(&self, instance: &str, host: &Host) {
        let known = Known { metadata: host.metadata, role: host.agent.state != AgentState::NoCredentials };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(instance.to_owned(), known);
    }

    fn known(&self, instance: &str) -> Option<Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(instance).copied()
    }

    /// Ends only if the service does answer. A script meets its own time-out, as on a network that drops packets.
    async fn reach(&self, instance: &str) -> Result<(), StatusCode> {
        match self.known(instance).map(|known| known.metadata) {
            Some(Metadata::Answers) => Ok(()),
            Some(Metadata::Disabled) => Err(StatusCode::FORBIDDEN),
            Some(Metadata::Unreachable | Metadata::HopLimit | Metadata::Blocked) => pending().await,
            None => Err(StatusCode::NOT_FOUND),
        }
    }
}

/// The routes; the base URL of an instance is `/{instance}`.
pub fn router(instances: Instances) -> Router {
    Router::new()
        .route("/{instance}/latest/api/token", put(token))
        .route("/{instance}/latest/meta-data/instance-id", get(instance_id))
        .route("/{instance}/latest/meta-data/iam/security-credentials/", get(role))
        .route("/{instance}/latest/meta-data/placement/region", get(region))
        .route("/{instance}/latest/meta-data/services/domain", get(domain))
        .with_state(instances)
}

/// Binds a port on loopback; the future serves for as long as it is polled.
///
/// # Errors
/// No port is free.
pub async fn serve(instances: Instances) -> io::Result<(SocketAddr, impl Future<Output = io::Result<()>> + Send)> {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    Ok((address, async move { axum::serve(listener, router(instances)).await }))
}

async fn token(State(instances): State<Instances>, Path(instance): Path<String>, headers: HeaderMap) -> Answer {
    instances.reach(&instance).await?;
    if !headers.contains_key("x-aws-ec2-metadata-token-ttl-seconds") {
        return Err(StatusCode::BAD_REQUEST);
    }
    Ok(token_of(&instance))
}

async fn instance_id(State(instances): State<Instances>, Path(instance): Path<String>, headers: HeaderMap) -> Answer {
    admit(&instances, &instance, &headers).await?;
    Ok(instance)
}

/// The name of the instance's role, if it has one.
async fn role(State(instances): State<Instances>, Path(instance): Path<String>, headers: HeaderMap) -> Answer {
    admit(&instances, &instance, &headers).await?;
    let role = instances.known(&instance).is_some_and(|known| known.role);
    role.then(|| "web-role".to_owned()).ok_or(StatusCode::NOT_FOUND)
}

async fn region(State(instances): State<Instances>, Path(instance): Path<String>, headers: HeaderMap) -> Answer {
    admit(&instances, &instance, &headers).await?;
    Ok("eu-west-1".to_owned())
}

async fn domain(State(instances): State<Instances>, Path(instance): Path<String>, headers: HeaderMap) -> Answer {
    admit(&instances, &instance, &headers).await?;
    Ok("amazonaws.com".to_owned())
}

async fn admit(instances: &Instances, instance: &str, headers: &HeaderMap) -> Result<(), StatusCode> {
    instances.reach(instance).await?;
    let sent = headers.get("x-aws-ec2-metadata-token").and_then(|token| token.to_str().ok());
    if sent == Some(token_of(instance).as_str()) { Ok(()) } else { Err(StatusCode::UNAUTHORIZED) }
}

fn token_of(instance: &str) -> String {
    format!("AQAEA-{instance}==")
}
