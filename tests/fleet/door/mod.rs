//! The HTTP interface of the fleet. One port serves all services; the credential scope of the signature says which
//! service a request is for.
//!
//! [`answer`] works on requests and responses without sockets; [`server`] serves it on a socket.

mod form;
mod json;
pub mod put_events;
mod query;
pub mod recorder;
pub mod server;
mod xml;

use std::collections::BTreeMap;
use std::time::Duration;

use lifecycle::Timestamp;

use super::Fleet;

/// The parts of a request that AWS protocols use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// By lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
    /// How much later it is to be sent.
    pub delay: Duration,
}

impl Request {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The service in the credential scope: `Credential=AKID/20260914/eu-west-1/ssm/aws4_request`.
    fn signed_for(&self) -> Option<&str> {
        let credential = self.header("authorization").split_once("Credential=")?.1;
        credential.split([',', ' ']).next()?.split('/').nth(3)
    }

    /// Notes the call, if a function made it.
    fn note(&self, service: &str, operation: &str) {
        recorder::note(self.header("x-amz-user-agent"), service, operation);
    }

    fn service(&self) -> &str {
        let by_target = if self.header("x-amz-target").starts_with("AmazonSSM.") { "ssm" } else { "autoscaling" };
        self.signed_for().unwrap_or(by_target)
    }
}

/// Answers one request; whatever it holds, there is an answer.
pub fn answer(fleet: &mut Fleet, now: Timestamp, request: &Request) -> Response {
    if request.service() == "autoscaling" {
        query::answer(fleet, now, request)
    } else {
        json::answer(fleet, now, request.service(), request)
    }
}
