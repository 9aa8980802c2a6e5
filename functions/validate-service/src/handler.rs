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
use tokio::time::sleep;

use crate::answer::{Answer, NoReport, Verdict};
use crate::context::Context;
use crate::payload::Payload;
use crate::question::Question;
use crate::request::Request;
use crate::telemetry;

/// Kept before the function's own time-out, to answer.
const TO_ANSWER: Duration = Duration::from_secs(3);
/// The longest that one question takes whose caller asks again. It makes five calls of AWS at most.
const LONGEST_QUESTION: Duration = Duration::from_secs(5);
/// The pause before the question of a caller that does not ask again is asked again here.
const PAUSE: Duration = Duration::from_secs(5);

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

    /// Answers a request before `deadline`. `invocation` is Lambda's own id of it.
    pub async fn answer(&self, payload: Payload, deadline: Timestamp, invocation: &str) -> Answer {
        let request = payload.0.and_then(Request::read);
        let asks_again = request.as_ref().is_ok_and(|request| request.question.is_some());
        let soon = (self.clock)() + LONGEST_QUESTION + TO_ANSWER;
        let deadline = if asks_again { deadline.min(soon) } else { deadline };
        let calls = Attempts::default();
        let (aws, budget) = (self.clients.brief(&calls), Budget::until(deadline, TO_ANSWER, &self.clock));
        let context = Context { config: &self.config, aws, calls, clock: &self.clock, budget };
        let answer = match &request {
            Ok(request) => answer_in_time(&Question::of(request, invocation, &context)).await,
            Err(why) => NoReport::Inconclusive(why.clone()).into(),
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

/// Asks once if the caller asks again, else until there is a verdict or the time is over.
async fn answer_in_time(question: &Question<'_>) -> Answer {
    loop {
        let answer = question.ask().await.unwrap_or_else(Answer::from);
        if question.is_asked_again() {
            return answer;
        }
        if answer.verdict != Verdict::Pending || question.context.budget.left() <= PAUSE {
            return answer.give_up();
        }
        sleep(PAUSE).await;
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
/// None. What goes wrong is the answer `inconclusive`, with its reason.
pub async fn handle(validator: &Validator, event: LambdaEvent<Payload>) -> Result<Output, Infallible> {
    if let Some(test) = event.payload.0.as_ref().ok().and_then(|payload| payload.get("self-test")) {
        return Ok(Output::SelfTest(validator.test_itself(test)));
    }
    let deadline = read_deadline(&event.context);
    let answer = validator.answer(event.payload, deadline, &event.context.request_id);
    Ok(Output::Answer(Box::pin(answer).await))
}
