//! Broken gates, kept: a storm that does not catch each of them shows nothing.

use std::time::Duration;

use launchgate_tests::fleet::door::{Request, Response};

/// One way to break the gate. The code of the gate stays as it is; what leaves it is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// A throttled call abandons what the batch was about, as the samples do.
    ThrottleAbandons,
    /// Heartbeats are not sent.
    NoHeartbeats,
    /// Lifecycle actions are completed by instance, whatever the message said.
    NoTokens,
    /// A nudge that a run ended completes CONTINUE, unread.
    NudgeIsProof,
    /// Messages of open actions are not returned, and the sweep is left out.
    ForgetsToReturn,
}

impl Sabotage {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::ThrottleAbandons, Self::NoHeartbeats, Self::NoTokens, Self::NudgeIsProof, Self::ForgetsToReturn];

    pub(crate) fn pretended_heartbeat() -> Response {
        let body = "<RecordLifecycleActionHeartbeatResponse xmlns=\"http://autoscaling.amazonaws.com/doc/2011-01-01/\">\
            <RecordLifecycleActionHeartbeatResult/></RecordLifecycleActionHeartbeatResponse>";
        let headers = vec![("content-type", "text/xml".to_owned())];
        Response { status: 200, headers, body: body.to_owned(), delay: Duration::ZERO }
    }

    pub(crate) fn without_token(request: &Request) -> Request {
        let pairs = form_urlencoded::parse(&request.body).filter(|(name, _)| name != "LifecycleActionToken");
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(pairs);
        let is_form = request.headers.get("content-type").is_some_and(|kind| kind.contains("form"));
        let body = if is_form { form.finish().into_bytes() } else { request.body.clone() };
        Request { headers: request.headers.clone(), body }
    }
}
