//! The log line that operators read. The names in it are an interface, and a test holds them.

use runtime::budget::Budget;
use runtime::process::Lines;
use runtime::{VERSION, lines};
use serde::Serialize;

use crate::answer::Delivery;
use crate::event::Event;
use crate::judgement::Judgement;
use crate::validation::{Status, Validation};

/// The line that every invocation leaves, exactly once, if it could be read.
pub const ANSWERED: &str = "answered";

/// `deployment` is the id of `CodeDeploy`'s deployment, or the ARN of ECS's. `revision` is ECS's alone; `functions` are
/// Lambda's (`name:version`). The execution id is left out: it is opaque and long.
#[derive(Debug, Serialize)]
struct Answered<'a> {
    message: &'static str,
    version: &'static str,
    deployment: &'a str,
    platform: Option<&'a str>,
    lifecycle_event: Option<&'a str>,
    revision: Option<&'a str>,
    functions: Vec<String>,
    /// Nothing if nothing was answered.
    status: Option<&'static str>,
    reasons: Vec<&'a str>,
    evidence: Vec<&'a str>,
    seconds: f64,
    outcome: Delivery,
    /// Why the answer is lost.
    error: Option<&'a str>,
}

/// Writes what was answered, why, and what came of it.
pub(crate) fn write_line(
    event: &Event,
    judged: &Judgement,
    sent: &Result<Delivery, String>,
    budget: &Budget<'_>,
    to: &Lines,
) {
    let (deployment, stage, revision) = match event {
        Event::CodeDeploy { deployment, .. } => (deployment, None, None),
        Event::Ecs { stage, resource, revision } => (resource, stage.as_deref(), Some(revision.as_str())),
    };
    let seen = judged.deployment.as_ref();
    let reasons = judged.validation.iter().flat_map(|validation| &validation.problems);
    let line = Answered {
        message: ANSWERED,
        version: VERSION,
        deployment,
        platform: seen.map(|seen| seen.platform.as_str()),
        lifecycle_event: stage.or_else(|| seen?.lifecycle_event.as_deref()),
        revision,
        functions: seen.iter().flat_map(|seen| &seen.functions).map(ToString::to_string).collect(),
        status: judged.validation.as_ref().map(Validation::status).map(Status::as_str),
        reasons: reasons.clone().map(|reason| reason.text.as_str()).collect(),
        evidence: reasons.filter_map(|reason| reason.evidence.as_deref()).collect(),
        seconds: budget.taken().as_secs_f64(),
        outcome: *sent.as_ref().unwrap_or(&Delivery::Lost),
        error: sent.as_ref().err().map(String::as_str),
    };
    lines::write(&line, to);
}
