//! Broken gates. The laws must catch each of them; otherwise a storm without a broken law would prove nothing.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::time::Duration;

use launchgate_tests::fleet::door::{Request, Response, answer};
use launchgate_tests::fleet::{Fleet, api};
use lifecycle::Timestamp;
use serde_json::json;

/// As a gate would find it: any hook of this name is `CodeDeploy`'s (aws-facts 3.1).
const OF_CODEDEPLOY: &str = "CodeDeploy-managed-automatic-launch-deployment-hook-prod";

/// One way to break the gate. The gate's code stays the same; its requests and answers are changed.
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
    /// What `CodeDeploy`'s hook holds is completed too.
    CompletesCodeDeploysHook,
    /// Deployments are not stopped.
    NeverStops,
    /// With the deployment of an abandoned instance the owner's is stopped.
    StopsTheOwners,
}

impl Sabotage {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::ThrottleAbandons,
        Self::NoHeartbeats,
        Self::NoTokens,
        Self::NudgeIsProof,
        Self::ForgetsToReturn,
        Self::CompletesCodeDeploysHook,
        Self::NeverStops,
        Self::StopsTheOwners,
    ];

    /// Does what it does beside a request, or answers in place of AWS.
    pub(crate) fn instead(
        self,
        fleet: &mut Fleet,
        owners_deployments: &BTreeSet<String>,
        now: Timestamp,
        (request, name): (&Request, &str),
    ) -> Option<Response> {
        match (self, name) {
            (Self::CompletesCodeDeploysHook, "CompleteLifecycleAction") => {
                drop(answer(fleet, now, &Self::for_codedeploy(request)));
            }
            (Self::NeverStops, "StopDeployment") => return Some(Self::pretended_stop()),
            (Self::StopsTheOwners, "StopDeployment") => {
                for id in owners_deployments {
                    let members = json!({"deploymentId": id});
                    drop(api::call(fleet, now, "codedeploy", "StopDeployment", &members));
                }
            }
            _ => {}
        }
        None
    }

    fn for_codedeploy(request: &Request) -> Request {
        let hook = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
            let own = name == "LifecycleHookName";
            (name.into_owned(), if own { OF_CODEDEPLOY.to_owned() } else { value.into_owned() })
        };
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(form_urlencoded::parse(&request.body).map(hook));
        Request { headers: request.headers.clone(), body: form.finish().into_bytes() }
    }

    fn pretended_stop() -> Response {
        let headers = vec![("content-type", "application/x-amz-json-1.1".to_owned())];
        Response { status: 200, headers, body: "{\"status\":\"Succeeded\"}".to_owned(), delay: Duration::ZERO }
    }

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
