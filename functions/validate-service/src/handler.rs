//! One question, one answer, always inside the time-out.

use std::convert::Infallible;
use std::time::Duration;

use lambda_runtime::LambdaEvent;
use runtime::clients::{Clients, LastFailure, Tally};
use runtime::telemetry::Lines;
use runtime::{Clock, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::answer::{Answer, Inconclusive, Verdict};
use crate::config::Config;
use crate::policy::policy;
use crate::request::Request;
use crate::{deployment, run, telemetry};

/// Kept free before the function's own time-out, to answer.
const TO_ANSWER: Duration = Duration::from_secs(3);

/// Everything that outlives an invocation.
pub struct Validator {
    config: Config,
    clients: Clients,
    clock: Clock,
    lines: Lines,
}

/// What the parts of one invocation share.
pub(crate) struct Invocation<'a> {
    pub(crate) config: &'a Config,
    pub(crate) aws: Clients,
    /// Why AWS has refused the last call so far, if it has.
    pub(crate) last: LastFailure,
    clock: &'a Clock,
    /// When the answer must be on its way.
    end: Timestamp,
}

impl Validator {
    /// One that reads the time from `clock` and writes its log lines to `lines`.
    #[must_use]
    pub fn new(config: Config, clients: Clients, clock: Clock, lines: Lines) -> Self {
        Self { config, clients, clock, lines }
    }

    /// Answers a request, before `deadline`.
    pub async fn answer(&self, event: Value, deadline: Timestamp) -> Answer {
        let (began, tally, last) = ((self.clock)(), Tally::default(), LastFailure::default());
        let aws = self.clients.patient(&tally, &last);
        let (config, clock, end) = (&self.config, &self.clock, deadline - TO_ANSWER);
        let invocation = Invocation { config, aws, last, clock, end };
        let request = Request::read(event);
        let answer = match &request {
            Ok(request) => validate(request, &invocation).await.unwrap_or_else(Answer::from),
            Err(why) => Inconclusive(why.clone()).into(),
        };
        let seconds = (self.clock)().since(began).as_secs();
        telemetry::write(request.as_ref().ok(), &answer, seconds, tally.calls(), &self.lines);
        answer
    }

    /// A new release shows that it works before it is asked, without AWS: it reads its part of `events/self-test.json`
    /// and judges the report in it.
    fn test_itself(&self, test: &Value) -> Value {
        let part = |name| test.get(name).cloned().unwrap_or_default();
        let readable = Request::read(part("request")).is_ok();
        let report = serde_json::from_value(part("report")).map(|report| Answer::of_report(report, Vec::new()));
        let passed = readable && report.is_ok_and(|answer| answer.verdict == Verdict::Healthy);
        tracing::info!(passed, document = self.config.readiness_document, "self-test");
        json!({"self-test": {"passed": passed}})
    }
}

async fn validate(request: &Request, invocation: &Invocation<'_>) -> Result<Answer, Inconclusive> {
    let aws = &invocation.aws;
    invocation.within("asking CodeDeploy", deployment::confirm(request, aws)).await?;
    let (policy, told) = invocation.within("reading the policy", policy(request, aws, invocation.config)).await?;
    let report = run::report(request, &policy, invocation).await?;
    Ok(Answer::of_report(report, told))
}

impl Invocation<'_> {
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// How much time is left for looking.
    pub(crate) fn left(&self) -> Duration {
        self.end.since(self.now())
    }

    pub(crate) async fn within<T, E: Into<Inconclusive>>(
        &self,
        doing: &str,
        step: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Inconclusive> {
        match timeout(self.left(), step).await {
            Ok(end) => end.map_err(Into::into),
            Err(_) => Err(Inconclusive(format!("the time was over while {doing}{}", self.last.told()))),
        }
    }
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
/// None: what goes wrong is the answer `inconclusive`, with its reason.
pub async fn handle(validator: &Validator, event: LambdaEvent<Value>) -> Result<Output, Infallible> {
    if let Some(test) = event.payload.get("self-test") {
        return Ok(Output::SelfTest(validator.test_itself(test)));
    }
    let deadline = Timestamp::from_millis(i64::try_from(event.context.deadline).unwrap_or(i64::MAX));
    Ok(Output::Answer(Box::pin(validator.answer(event.payload, deadline)).await))
}
