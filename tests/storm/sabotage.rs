//! Broken gates. The laws must catch each of them; otherwise a storm without a broken law would prove nothing.

mod breaker;
mod saving;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use launchgate_tests::fleet::door::{Request, Response, answer};
use launchgate_tests::fleet::{Fleet, api};
use lifecycle::Timestamp;
use lifecycle::green::find_copying_deployment;
use serde_json::{Value, json};

pub(crate) use self::saving::FirstAnswers;

/// As a gate would find it: any hook of this name is `CodeDeploy`'s (aws-facts 3.1).
const OF_CODEDEPLOY: &str = "CodeDeploy-managed-automatic-launch-deployment-hook-prod";

/// How the fleet writes each thing of a list.
const BEGIN: &str = "<member>";
const END: &str = "</member>";

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
    /// The last look is left out: SSM is said to refuse the instance.
    GivesUpUnseen,
    /// While a run is in progress, no other is started.
    BelievesARunForEver,
    /// The policy that the hook had first counts for ever.
    TrustsTheFirstPolicy,
    /// The lifecycle state of an instance is read once.
    NeverReadsTheStateAgain,
    /// Of the calls that complete actions or keep them alive, those of half the instances never get a turn.
    Starves,
    /// Every heartbeat counts as accepted, so that instances are repaired which our hook does not hold.
    RepairsWhatItDoesNotHold,
    /// An agent that comes last is looked at and mended with everything else.
    ReportsTheAgentAlways,
    /// With an instance of a copied group, the blue/green deployment that has copied it is given up.
    StopsBlueGreen,
    /// What stands before a deployment is not known: a launch of a copied group is asked for its revision.
    AsksGreenForARevision,
    /// The breaker takes open launches for failed ones.
    CountsOpenLaunches,
    /// The breaker takes every success of the window for the last thing that happened.
    CountsAllSuccesses,
    /// The breaker counts failures and nothing else.
    BrakesOnTheCount,
    /// The breaker counts what EC2 refused to launch.
    CountsRefusedLaunches,
    /// The breaker suspends all processes.
    SuspendsAll,
}

impl Sabotage {
    /// All of them.
    pub const ALL: [Self; 22] = [
        Self::ThrottleAbandons,
        Self::NoHeartbeats,
        Self::NoTokens,
        Self::NudgeIsProof,
        Self::ForgetsToReturn,
        Self::CompletesCodeDeploysHook,
        Self::NeverStops,
        Self::StopsTheOwners,
        Self::GivesUpUnseen,
        Self::BelievesARunForEver,
        Self::TrustsTheFirstPolicy,
        Self::NeverReadsTheStateAgain,
        Self::Starves,
        Self::RepairsWhatItDoesNotHold,
        Self::ReportsTheAgentAlways,
        Self::StopsBlueGreen,
        Self::AsksGreenForARevision,
        Self::CountsOpenLaunches,
        Self::CountsAllSuccesses,
        Self::BrakesOnTheCount,
        Self::CountsRefusedLaunches,
        Self::SuspendsAll,
    ];

    /// The request as this broken gate sends it.
    pub(crate) fn send(self, request: &Request, name: &str) -> Request {
        if self == Self::NoTokens {
            Self::without(request, "LifecycleActionToken")
        } else if self == Self::SuspendsAll && name == "SuspendProcesses" {
            Self::without(request, "ScalingProcesses")
        } else if self == Self::ReportsTheAgentAlways {
            Self::with_agent_required(request)
        } else {
            request.clone()
        }
    }

    fn with_agent_required(request: &Request) -> Request {
        let body = String::from_utf8_lossy(&request.body);
        let word = if body.contains("\"install-agent\"") { "ignored" } else { "last" };
        let body = body.replace(&format!("\"agent\":[\"{word}\"]"), "\"agent\":[\"required\"]");
        Request { headers: request.headers.clone(), body: body.into_bytes() }
    }

    /// Does what it does beside a request, or answers in place of AWS.
    pub(crate) fn instead(
        self,
        fleet: &mut Fleet,
        owners_deployments: &BTreeSet<String>,
        now: Timestamp,
        (request, name): (&Request, &str),
    ) -> Option<Response> {
        if self.starves(request, name) {
            return Some(Self::throttled());
        }
        match (self, name) {
            (Self::CompletesCodeDeploysHook, "CompleteLifecycleAction") => {
                drop(answer(fleet, now, &Self::for_codedeploy(request)));
            }
            (Self::NeverStops, "StopDeployment") => return Some(pretend("{\"status\":\"Succeeded\"}")),
            (Self::GivesUpUnseen, "SendCommand") if is_last_look(request) => {
                let body = "{\"__type\":\"InvalidInstanceId\"}";
                return Some(Response { status: 400, ..pretend(body) });
            }
            (Self::BelievesARunForEver, "SendCommand") if is_running(fleet, now, request) => {
                return Some(pretend("{\"Command\":{\"CommandId\":\"00000000-0000-4000-8000-000000000000\"}}"));
            }
            (Self::StopsBlueGreen, "CompleteLifecycleAction") => {
                if let Some(id) = given_up_copy(request) {
                    let members = json!({"deploymentId": id});
                    drop(api::call(fleet, now, "codedeploy", "StopDeployment", &members));
                }
            }
            (Self::AsksGreenForARevision, "BatchGetDeployments") => {
                return Some(with_copies_done(answer(fleet, now, request)));
            }
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

    pub(crate) fn pretended_heartbeat() -> Response {
        pretend_xml("RecordLifecycleActionHeartbeatResponse", "<RecordLifecycleActionHeartbeatResult/>")
    }

    /// The request without the members whose names begin like this.
    fn without(request: &Request, member: &str) -> Request {
        let pairs = form_urlencoded::parse(&request.body).filter(|(name, _)| !name.starts_with(member));
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(pairs);
        let is_form = request.headers.get("content-type").is_some_and(|kind| kind.contains("form"));
        let body = if is_form { form.finish().into_bytes() } else { request.body.clone() };
        Request { headers: request.headers.clone(), body }
    }
}

/// As Auto Scaling answers.
fn pretend_xml(name: &str, inner: &str) -> Response {
    let body = format!("<{name} xmlns=\"http://autoscaling.amazonaws.com/doc/2011-01-01/\">{inner}</{name}>");
    Response { headers: vec![("content-type", "text/xml".to_owned())], ..pretend(&body) }
}

fn pretend(body: &str) -> Response {
    let headers = vec![("content-type", "application/x-amz-json-1.1".to_owned())];
    Response { status: 200, headers, body: body.to_owned(), delay: Duration::ZERO }
}

/// The answer in which every blue/green deployment has succeeded.
fn with_copies_done(told: Response) -> Response {
    let mut body: Value = serde_json::from_str(&told.body).unwrap_or_default();
    let infos = body.get_mut("deploymentsInfo").and_then(Value::as_array_mut);
    for info in infos.into_iter().flatten().filter_map(Value::as_object_mut) {
        if info.get("deploymentStyle").is_some_and(|style| style["deploymentType"] == "BLUE_GREEN") {
            info.insert("status".to_owned(), json!("Succeeded"));
        }
    }
    Response { body: body.to_string(), ..told }
}

/// The deployment that has copied the group whose instance is abandoned.
fn given_up_copy(request: &Request) -> Option<String> {
    let form: BTreeMap<_, _> = form_urlencoded::parse(&request.body).collect();
    let abandons = form.get("LifecycleActionResult").is_some_and(|result| result == "ABANDON");
    let group = form.get("AutoScalingGroupName").filter(|_| abandons)?;
    find_copying_deployment(group).map(str::to_owned)
}

/// A readiness run that does not wait on the instance.
fn is_last_look(request: &Request) -> bool {
    let members: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    members.get("Comment").and_then(Value::as_str).is_some_and(|comment| comment.ends_with("waits 0"))
}

/// Whether one of the instances of this request has a run that has not ended.
fn is_running(fleet: &mut Fleet, now: Timestamp, request: &Request) -> bool {
    let members: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let instances = members.get("InstanceIds").and_then(Value::as_array).cloned().unwrap_or_default();
    instances.iter().any(|instance| {
        let asked = json!({"InstanceId": instance});
        let listed = api::call(fleet, now, "ssm", "ListCommandInvocations", &asked).outcome.unwrap_or_default();
        let all = listed.get("CommandInvocations").and_then(Value::as_array).cloned().unwrap_or_default();
        all.iter().any(|run| run.get("Status").is_some_and(|status| status == "InProgress"))
    })
}
