//! One invocation: who asks, what is deployed, whether it works, and the answer.

use futures_util::FutureExt;
use lambda_runtime::LambdaEvent;
use runtime::telemetry::Lines;
use runtime::{Clock, Timestamp};
use serde_json::{Value, json};
use tracing::{error, warn};

use crate::answer::{Outcome, put};
use crate::budget::Budget;
use crate::clients::{Calls, Clients};
use crate::config::{Config, ConfigError};
use crate::deployment::{Deployment, Platform, read};
use crate::error::HookError;
use crate::event::Event;
use crate::guard::caught;
use crate::telemetry;
use crate::validate::validate;
use crate::verdict::{Reason, Status, Verdict};

/// The hook: everything that outlives an invocation. It remembers no deployment.
pub struct Hook {
    config: Result<Config, ConfigError>,
    clients: Clients,
    clock: Clock,
    lines: Lines,
}

/// What is to be answered; no verdict where the deployment does not exist.
pub(crate) struct Judgement {
    pub(crate) deployment: Option<Deployment>,
    pub(crate) verdict: Option<Verdict>,
}

impl Judgement {
    fn failed(deployment: Option<Deployment>, reasons: Vec<Reason>) -> Self {
        Self { deployment, verdict: Some(Verdict::failed(reasons)) }
    }
}

impl Hook {
    /// A hook that reads the time from `clock` and writes its log lines to `lines`. A configuration that is wrong is
    /// answered, not refused.
    #[must_use]
    pub fn new(config: Result<Config, ConfigError>, clients: Clients, clock: Clock, lines: Lines) -> Self {
        Self { config, clients, clock, lines }
    }

    /// Answers one payload before the `deadline`.
    ///
    /// # Errors
    /// [`HookError`], where nobody could be answered, or the answer may not have arrived.
    pub async fn answer(&self, payload: &Value, deadline: Timestamp) -> Result<Value, HookError> {
        let event = Event::parse(payload).inspect_err(|error| error!(%error, "nothing is answered"))?;
        let budget = Budget::until(deadline, &self.clock);
        let calls = self.clients.of_one_invocation();
        let judged = caught("validation", self.judge(&event, &calls, &budget)).await;
        let judged = judged.unwrap_or_else(|reason| Judgement::failed(None, vec![reason]));
        let sent = send(&event, &judged, &calls, &budget).await;
        telemetry::write(&event, &judged, &sent, &budget, &self.lines);
        let status = judged.verdict.map(|verdict| verdict.status());
        sent.map(|outcome| returned(&event, status, outcome)).map_err(HookError::Lost)
    }

    async fn judge(&self, event: &Event, calls: &Calls, budget: &Budget<'_>) -> Judgement {
        let config = match &self.config {
            Ok(config) => config,
            Err(error) => return Judgement::failed(None, error.reasons()),
        };
        match event {
            Event::CodeDeploy { deployment, .. } => judge_deployment(deployment, config, calls, budget).await,
            Event::Ecs { .. } => {
                let verdict = validate(&Platform::Ecs, &[], config, calls, budget).await;
                Judgement { deployment: Some(Deployment::of_ecs()), verdict: Some(verdict) }
            }
        }
    }
}

async fn judge_deployment(id: &str, config: &Config, calls: &Calls, budget: &Budget<'_>) -> Judgement {
    let deployment = match read(id, calls, budget).await {
        Ok(Some(deployment)) => deployment,
        Ok(None) => return Judgement { deployment: None, verdict: None },
        Err(reason) => return Judgement::failed(None, vec![reason]),
    };
    if let Some(reason) = hopeless(id, &deployment) {
        return Judgement::failed(Some(deployment), vec![reason]);
    }
    if let Some(reason) = &deployment.unread {
        warn!(
            deployment = id,
            reason = reason.text,
            "the lifecycle event is not known, which only the log line misses"
        );
    }
    let verdict = validate(&deployment.platform, &deployment.functions, config, calls, budget).await;
    Judgement { deployment: Some(deployment), verdict: Some(verdict) }
}

/// Why there is no sense in validating.
fn hopeless(id: &str, deployment: &Deployment) -> Option<Reason> {
    if let Some(status) = &deployment.over {
        return Some(Reason::new(format!("the deployment {id} is over: {status}")));
    }
    match (&deployment.platform, &deployment.unread) {
        (Platform::Lambda, Some(reason)) => Some(reason.clone()),
        (Platform::Lambda, None) if deployment.functions.is_empty() => Some(Reason::new(format!(
            "CodeDeploy does not tell which version of which function {id} deploys; see its targets with aws deploy \
             batch-get-deployment-targets"
        ))),
        (Platform::Lambda | Platform::Ecs | Platform::Other(_), _) => None,
    }
}

async fn send(event: &Event, judged: &Judgement, calls: &Calls, budget: &Budget<'_>) -> Result<Outcome, String> {
    let Some(verdict) = &judged.verdict else { return Ok(Outcome::Gone) };
    match event {
        Event::CodeDeploy { deployment, execution } => {
            put(deployment, execution, verdict.status(), calls, budget.to_answer()).await
        }
        Event::Ecs { .. } => Ok(Outcome::Returned),
    }
}

/// ECS reads it; `CodeDeploy` does not, but whoever invokes the function by hand does.
fn returned(event: &Event, status: Option<Status>, outcome: Outcome) -> Value {
    match event {
        Event::CodeDeploy { .. } => json!({"status": status.map(Status::as_str), "outcome": outcome}),
        Event::Ecs { .. } => json!({"hookStatus": status.unwrap_or(Status::Failed).hook_status()}),
    }
}

/// Handles one invocation.
///
/// # Errors
/// See [`Hook::answer`].
pub async fn handle(hook: &Hook, event: LambdaEvent<Value>) -> Result<Value, HookError> {
    let deadline = Timestamp::from_millis(i64::try_from(event.context.deadline).unwrap_or(i64::MAX));
    // Its type has the SDK in it, and is deeper than the compiler follows once the runtime is around it.
    hook.answer(&event.payload, deadline).boxed().await
}
