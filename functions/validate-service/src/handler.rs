//! One question, one answer, always before the function's time-out.

use std::convert::Infallible;
use std::time::Duration;

use lambda_runtime::LambdaEvent;
use runtime::Timestamp;
use runtime::budget::{Budget, read_deadline};
use runtime::clients::{Attempts, Clients};
use runtime::environment::ReadinessSettings;
use runtime::process::{Clock, Lines};
use serde::Serialize;
use serde_json::{Value, json};

use crate::answer::{Answer, Inconclusive, Verdict};
use crate::confirm::confirm;
use crate::context::Context;
use crate::policy::read_policy;
use crate::readiness_run::run_readiness;
use crate::request::Request;
use crate::telemetry;

/// Kept before the function's own time-out, to answer.
const TO_ANSWER: Duration = Duration::from_secs(3);

/// Everything that outlives an invocation.
pub struct Validator {
    config: ReadinessSettings,
    clients: Clients,
    clock: Clock,
    lines: Lines,
}

impl Validator {
    /// A validator that reads the time from `clock` and writes its log lines to `lines`.
    #[must_use]
    pub fn new(config: ReadinessSettings, clients: Clients, clock: Clock, lines: Lines) -> Self {
        Self { config, clients, clock, lines }
    }

    /// Answers a request before `deadline`.
    pub async fn answer(&self, event: Value, deadline: Timestamp) -> Answer {
        let calls = Attempts::default();
        let (aws, budget) = (self.clients.patient(&calls), Budget::until(deadline, TO_ANSWER, &self.clock));
        let context = Context { config: &self.config, aws, calls, clock: &self.clock, budget };
        let request = Request::read(event);
        let answer = match &request {
            Ok(request) => validate(request, &context).await.unwrap_or_else(Answer::from),
            Err(why) => Inconclusive(why.clone()).into(),
        };
        let seconds = context.budget.taken().as_secs();
        telemetry::write_line(request.as_ref().ok(), &answer, seconds, context.calls.count(), &self.lines);
        answer
    }

    /// A new release shows that it works before it is asked, without AWS: it reads its part of `events/self-test.json`
    /// and judges the report in it.
    fn test_itself(&self, test: &Value) -> Value {
        let part = |name| test.get(name).cloned().unwrap_or_default();
        let readable = Request::read(part("request")).is_ok();
        let report = serde_json::from_value(part("report")).map(|report| Answer::of_report(report, Vec::new()));
        let passed = readable && report.is_ok_and(|answer| answer.verdict == Verdict::Healthy);
        tracing::info!(passed, document = self.config.document, "self-test");
        json!({"self-test": {"passed": passed}})
    }
}

async fn validate(request: &Request, context: &Context<'_>) -> Result<Answer, Inconclusive> {
    let aws = &context.aws;
    context.within("asking CodeDeploy", confirm(request, aws)).await?;
    let (policy, notes) = context.within("reading the policy", read_policy(request, aws, context.config)).await?;
    let report = run_readiness(request, &policy, context).await?;
    Ok(Answer::of_report(report, notes))
}

/// What validate-service answers.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Output {
    /// The verdict, then the reasons, then the report: the script reads it in this order.
    Answer(Answer),
    /// What a self-test has shown.
    SelfTest(Value),
}

/// Handles what validate-service is invoked with: a request, or a self-test.
///
/// # Errors
/// None. What goes wrong is the answer `inconclusive`, with its reason.
pub async fn handle(validator: &Validator, event: LambdaEvent<Value>) -> Result<Output, Infallible> {
    if let Some(test) = event.payload.get("self-test") {
        return Ok(Output::SelfTest(validator.test_itself(test)));
    }
    let deadline = read_deadline(&event.context);
    Ok(Output::Answer(Box::pin(validator.answer(event.payload, deadline)).await))
}
