//! One invocation: reads who asks and what is deployed, validates it, and answers.

use futures_util::FutureExt;
use lambda_runtime::LambdaEvent;
use runtime::Timestamp;
use runtime::budget::{Budget, read_deadline};
use runtime::environment::ConfigError;
use runtime::process::{Clock, Lines};
use serde_json::{Value, json};
use tracing::{error, warn};

use crate::answer::{Delivery, put_answer, reserve_for_answer, time_to_answer};
use crate::clients::{Calls, Clients};
use crate::config::Config;
use crate::deployment::{Deployment, read_deployment};
use crate::error::HookError;
use crate::event::Event;
use crate::guard::catch_panic;
use crate::judgement::Judgement;
use crate::platform::Platform;
use crate::telemetry;
use crate::validate::validate;
use crate::validation::{Problem, Status};

/// The hook: everything that outlives an invocation. It remembers nothing of any deployment.
pub struct Hook {
    config: Result<Config, ConfigError>,
    clients: Clients,
    clock: Clock,
    lines: Lines,
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
        let reserve = reserve_for_answer(deadline.since((self.clock)()));
        let budget = Budget::until(deadline, reserve, &self.clock);
        let calls = self.clients.of_one_invocation();
        let judged = catch_panic("validation", self.judge(&event, &calls, &budget)).await;
        let judged = judged.unwrap_or_else(|problem| Judgement::failed(None, vec![problem]));
        let sent = send_answer(&event, &judged, &calls, &budget).await;
        telemetry::write_line(&event, &judged, &sent, &budget, &self.lines);
        let status = judged.validation.map(|validation| validation.status());
        sent.map(|outcome| make_response(&event, status, outcome)).map_err(HookError::Lost)
    }

    async fn judge(&self, event: &Event, calls: &Calls, budget: &Budget<'_>) -> Judgement {
        let config = match &self.config {
            Ok(config) => config,
            Err(error) => return Judgement::failed(None, error.wrong().iter().map(Problem::new).collect()),
        };
        match event {
            Event::CodeDeploy { deployment, .. } => judge_deployment(deployment, config, calls, budget).await,
            Event::Ecs { .. } => {
                let validation = validate(&Platform::Ecs, &[], config, calls, budget).await;
                Judgement { deployment: Some(Deployment::of_ecs()), validation: Some(validation) }
            }
        }
    }
}

async fn judge_deployment(id: &str, config: &Config, calls: &Calls, budget: &Budget<'_>) -> Judgement {
    let deployment = match read_deployment(id, calls, budget).await {
        Ok(Some(deployment)) => deployment,
        Ok(None) => return Judgement { deployment: None, validation: None },
        Err(reason) => return Judgement::failed(None, vec![reason]),
    };
    if let Some(reason) = find_obstacle(id, &deployment) {
        return Judgement::failed(Some(deployment), vec![reason]);
    }
    if let Some(reason) = &deployment.unread {
        warn!(
            deployment = id,
            reason = reason.text,
            "the lifecycle event is not known, which only the log line misses"
        );
    }
    let validation = validate(&deployment.platform, &deployment.functions, config, calls, budget).await;
    Judgement { deployment: Some(deployment), validation: Some(validation) }
}

/// Why this deployment cannot be validated, if it cannot.
fn find_obstacle(id: &str, deployment: &Deployment) -> Option<Problem> {
    if let Some(status) = &deployment.over {
        return Some(Problem::new(format!("the deployment {id} is over: {status}")));
    }
    match (&deployment.platform, &deployment.unread) {
        (Platform::Lambda, Some(reason)) => Some(reason.clone()),
        (Platform::Lambda | Platform::Ecs | Platform::Other(_), _) => None,
    }
}

async fn send_answer(
    event: &Event,
    judged: &Judgement,
    calls: &Calls,
    budget: &Budget<'_>,
) -> Result<Delivery, String> {
    let Some(validation) = &judged.validation else { return Ok(Delivery::Gone) };
    match event {
        Event::CodeDeploy { deployment, execution } => {
            let time = time_to_answer(budget.left_with_reserve());
            put_answer(deployment, execution, validation.status(), calls, time).await
        }
        Event::Ecs { .. } => Ok(Delivery::Returned),
    }
}

/// What the function returns. ECS reads it. `CodeDeploy` does not; a person who invokes the function by hand does.
fn make_response(event: &Event, status: Option<Status>, outcome: Delivery) -> Value {
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
    let deadline = read_deadline(&event.context);
    // Boxed, because the type of this future nests deeper than the compiler follows inside the runtime's.
    hook.answer(&event.payload, deadline).boxed().await
}
