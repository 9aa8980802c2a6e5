//! The instance metadata service, version 2, for any number of instances. Each has a path of its own.

use std::collections::BTreeMap;
use std::future::{Future, pending};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{DATE, HeaderName};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, put};
use serde_json::json;

use crate::fleet::endpoints::{Endpoints, REGION, http_date};
use crate::fleet::host::{Credentials, Host, Metadata, Network};

const ROLE: &str = "web-role";

/// What no script may print or pass on.
pub const SECRET: &str = "the-secret-of-the-role";

/// The answers for each instance. The service answers 404 for an instance that it does not know.
#[derive(Clone, Debug, Default)]
pub struct Instances(Arc<Mutex<BTreeMap<String, Known>>>);

/// What the service knows of one instance.
#[derive(Clone, Copy, Debug)]
struct Known {
    metadata: Metadata,
    credentials: Credentials,
    network: Network,
    clock_ahead: i64,
    user_data: bool,
}

type Answer = Result<String, StatusCode>;

impl Instances {
    /// From now on the instance's service answers for this host.
    pub fn set(&self, instance: &str, host: &Host) {
        let Host { metadata, credentials, network, clock_ahead, .. } = *host;
        let known = Known { metadata, credentials, network, clock_ahead, user_data: true };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(instance.to_owned(), known);
    }

    /// From now on the instance was launched without user data, until its host is set again.
    pub fn forget_user_data(&self, instance: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get_mut(instance) {
            known.user_data = false;
        }
    }

    fn known(&self, instance: &str) -> Result<Known, StatusCode> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(instance).copied().ok_or(StatusCode::NOT_FOUND)
    }

    /// Ends only if the service does answer. A script meets its own time-out, as on a network that drops packets.
    async fn reach(&self, instance: &str) -> Result<Known, StatusCode> {
        let known = self.known(instance)?;
        match known.metadata {
            Metadata::Answers | Metadata::HopLimit => Ok(known),
            Metadata::Disabled => Err(StatusCode::FORBIDDEN),
            Metadata::Unreachable | Metadata::Blocked => pending().await,
        }
    }
}

/// The routes; the base URL of an instance is `/{instance}`.
pub fn router(instances: Instances) -> Router {
    Router::new()
        .route("/{instance}/latest/api/token", put(token))
        .route("/{instance}/latest/meta-data/instance-id", get(instance_id))
        .route("/{instance}/latest/meta-data/", get(instance_id))
        .route("/{instance}/latest/meta-data/iam/security-credentials/", get(role))
        .route("/{instance}/latest/meta-data/iam/security-credentials/{role}", get(credentials))
        .route("/{instance}/latest/meta-data/placement/region", get(region))
        .route("/{instance}/latest/meta-data/services/domain", get(domain))
        .route("/{instance}/latest/user-data", get(user_data))
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

/// The answer with a token may go only so many hops.
async fn token(
    State(instances): State<Instances>,
    Path(instance): Path<String>,
    headers: HeaderMap,
) -> Result<([(HeaderName, String); 1], String), StatusCode> {
    let known = instances.reach(&instance).await?;
    if known.metadata == Metadata::HopLimit {
        pending::<()>().await;
    }
    if !headers.contains_key("x-aws-ec2-metadata-token-ttl-seconds") {
        return Err(StatusCode::BAD_REQUEST);
    }
    Ok(([(DATE, http_date(known.clock_ahead))], token_of(&instance)))
}

async fn instance_id(State(instances): State<Instances>, Path(instance): Path<String>, headers: HeaderMap) -> Answer {
    admit(&instances, &instance, &headers).await?;
    Ok(instance)
}

/// The name of the instance's role, if it has one.
async fn role(State(instances): State<Instances>, Path(instance): Path<String>, headers: HeaderMap) -> Answer {
    let known = admit(&instances, &instance, &headers).await?;
    if known.credentials == Credentials::Missing { Err(StatusCode::NOT_FOUND) } else { Ok(ROLE.to_owned()) }
}

/// As the EC2 guide shows them ("Retrieve security credentials from instance metadata").
async fn credentials(
    State(instances): State<Instances>,
    Path((instance, role)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let known = admit(&instances, &instance, &headers).await?;
    let (code, expiration) = match known.credentials {
        Credentials::Missing => return Err(StatusCode::NOT_FOUND),
        _ if role != ROLE => return Err(StatusCode::NOT_FOUND),
        Credentials::Refused => {
            let refused = json!({"Code": "AssumeRoleUnauthorizedAccess", "LastUpdated": "2026-01-01T00:00:00Z",
                "Message": "EC2 cannot assume the role."});
            return Ok(format!("{refused:#}"));
        }
        Credentials::Valid => ("Success", "2099-01-01T00:00:00Z"),
        Credentials::Expired => ("Success", "2026-01-01T06:00:00Z"),
    };
    let granted = json!({"Code": code, "LastUpdated": "2026-01-01T00:00:00Z", "Type": "AWS-HMAC",
        "AccessKeyId": "ASIASECRET", "SecretAccessKey": SECRET, "Token": SECRET, "Expiration": expiration});
    Ok(format!("{granted:#}"))
}

async fn user_data(State(instances): State<Instances>, Path(instance): Path<String>, headers: HeaderMap) -> Answer {
    let known = admit(&instances, &instance, &headers).await?;
    if known.user_data { Ok("#!/bin/sh\n".to_owned()) } else { Err(StatusCode::NOT_FOUND) }
}

async fn region(State(instances): State<Instances>, Path(instance): Path<String>, headers: HeaderMap) -> Answer {
    admit(&instances, &instance, &headers).await?;
    Ok(REGION.to_owned())
}

async fn domain(State(instances): State<Instances>, Path(instance): Path<String>, headers: HeaderMap) -> Answer {
    let known = admit(&instances, &instance, &headers).await?;
    let endpoints = Endpoints::shared().and_then(|endpoints| endpoints.domain(known.network, known.clock_ahead));
    endpoints.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn admit(instances: &Instances, instance: &str, headers: &HeaderMap) -> Result<Known, StatusCode> {
    let known = instances.reach(instance).await?;
    let sent = headers.get("x-aws-ec2-metadata-token").and_then(|token| token.to_str().ok());
    if sent == Some(token_of(instance).as_str()) { Ok(known) } else { Err(StatusCode::UNAUTHORIZED) }
}

/// With all that a real one may have in it.
fn token_of(instance: &str) -> String {
    format!("AQAEA-{instance}_==")
}
