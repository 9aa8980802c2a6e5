//! SQS with nothing in the launch queue: launch-gate asks it before every look.

use std::net::Ipv4Addr;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use tokio::net::TcpListener;

use crate::Failure;

/// Starts it on a free port of loopback. Returns its address.
pub(crate) async fn start() -> Result<String, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?.to_string();
    let empty = || async { ([(CONTENT_TYPE, "application/x-amz-json-1.0")], "{}") };
    tokio::spawn(async move { drop(axum::serve(listener, Router::new().fallback(empty)).await) });
    Ok(address)
}
