//! `CompleteLifecycleAction`: the verdict.

use std::sync::atomic::Ordering;

use lifecycle::decision::LifecycleResult;
use lifecycle::timing::ACCEPTED_WITHIN;
use runtime::CallError;
use runtime::clients::Attempts;
use tracing::{error, info};

use super::stop_deployments::{judge_closed, stop_deployments};
use crate::context::Context;
use crate::evidence::{BatchDeployments, Evidence};
use crate::look::{Decided, Failure, Progress};
use crate::memory::Settled;
use crate::telemetry::{Outcome, write_settled_line};

/// Completes the lifecycle action with `result`. The look whose call is accepted writes the one settled line.
pub(super) async fn complete(
    decided: &mut Decided,
    result: LifecycleResult,
    deployments: &BatchDeployments<'_>,
    context: &Context<'_>,
) -> Progress {
    // In observe mode the line is written once: with the launch message, not with a nudge or a sweep.
    if !decided.is_enforced() && !decided.look.has_launch_message() {
        return Progress::Open;
    }
    let evidence = match result {
        LifecycleResult::Abandon => Evidence::read(decided, deployments, context).await,
        LifecycleResult::Continue => Evidence::default(),
    };
    if !decided.is_enforced() {
        if context.memory.told.note((decided.look.instance.clone(), decided.look.token.clone())) {
            write_settled_line(decided, Outcome::Observed, &evidence, context);
            decided.failure = (result == LifecycleResult::Abandon).then_some(Failure::Told);
        }
        return Progress::Settled;
    }
    let calls = Attempts::default();
    let answer = send(decided, result, &calls, context).await;
    decided.failure = see_failure(result, &answer, calls.any_unanswered());
    conclude(decided, answer, calls.any_unanswered(), &evidence, context).await
}

/// Sends the verdict. With a warm pool one instance has two actions in turn, and only the token tells them apart
/// (aws-facts 2.4); so the token is used if it is known.
async fn send(
    decided: &Decided,
    result: LifecycleResult,
    calls: &Attempts,
    context: &Context<'_>,
) -> Result<(), CallError> {
    let look = &decided.look;
    let call = context.aws.autoscaling.complete_lifecycle_action().lifecycle_action_result(result.as_str());
    let call = call.lifecycle_hook_name(&context.config.readiness.hook).set_auto_scaling_group_name(look.group.clone());
    let call = match &look.token {
        Some(token) => call.lifecycle_action_token(token.as_str()),
        None => call.instance_id(look.instance.as_str()),
    };
    let answer = call.customize().interceptor(calls.clone()).send().await;
    answer.map(drop).map_err(|error| CallError::new("CompleteLifecycleAction", &look.instance, &error))
}

/// How the launch has failed, as the answer to this verdict tells.
fn see_failure(result: LifecycleResult, answer: &Result<(), CallError>, unanswered: bool) -> Option<Failure> {
    match answer {
        _ if result == LifecycleResult::Continue => None,
        Ok(()) => Some(Failure::Abandoned),
        Err(error) if error.is_no_active_action() && unanswered => Some(Failure::Told),
        Err(_) => None,
    }
}

/// Acts on the answer. `unanswered` says that an earlier attempt got no answer from AWS, or a 5xx.
async fn conclude(
    decided: &Decided,
    answer: Result<(), CallError>,
    unanswered: bool,
    evidence: &Evidence,
    context: &Context<'_>,
) -> Progress {
    let Decided { look, .. } = decided;
    match answer {
        Ok(()) => {
            write_settled_line(decided, Outcome::Accepted, evidence, context);
            // If its message comes back for its deployment, the next look must see that it is gone.
            context.memory.instances.note(&look.instance, |known| known.waits = None);
            let progress = stop_deployments(look, &evidence.deployments, context).await;
            if progress == Progress::Settled {
                let settled =
                    Settled { token: look.token.clone(), accepted: look.destination().map(|of| (of, context.now())) };
                context.memory.instances.note(&look.instance, |known| *known = settled.into());
            }
            progress
        }
        // The attempt without an answer was accepted; or the action was not open before, and the instance may live. The
        // next look sees whether it does.
        Err(error) if error.is_no_active_action() && unanswered => {
            write_settled_line(decided, Outcome::Presumed, evidence, context);
            judge_closed(&evidence.deployments)
        }
        Err(error) if error.is_no_active_action() && is_young(decided, context) => Progress::Open,
        Err(error) if error.is_no_active_action() => {
            info!(instance = %look.instance, group = look.group, outcome = "already-settled", "settled by somebody else");
            judge_closed(&evidence.deployments)
        }
        Err(error) => {
            context.throttled.fetch_or(error.is_throttled(), Ordering::Relaxed);
            error!(%error, "the verdict could not be sent; the next look decides again");
            Progress::Unfinished
        }
    }
}

/// Whether the action began so lately that AWS may not accept its completion yet.
fn is_young(decided: &Decided, context: &Context<'_>) -> bool {
    decided.look.seen.began().is_some_and(|began| context.now().since(began) < ACCEPTED_WITHIN)
}
