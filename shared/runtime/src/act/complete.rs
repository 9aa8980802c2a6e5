//! `CompleteLifecycleAction`: the verdict.

use lifecycle::decide::ACCEPTED_WITHIN;
use lifecycle::decision::LifecycleResult;
use tracing::{error, info};

use super::deployments::{Deployments, Own, left};
use super::{enforced, evidence};
use crate::clients::LostAnswers;
use crate::error::CallError;
use crate::handler::Invocation;
use crate::look::{Fate, Look};
use crate::telemetry::settled::{Evidence, Outcome, Settled};

/// Completes the lifecycle action; whoever is accepted writes the one line that tells why.
pub(super) async fn complete(
    look: &Look,
    result: LifecycleResult,
    deployments: &Deployments<'_>,
    invocation: &Invocation<'_>,
) -> Fate {
    let enforced = enforced(look);
    // The observe mode only says what would have been done, and once: with the message of the launch, not with a nudge.
    if !enforced && !look.has_launch_message() {
        return Fate::Open;
    }
    let (text, own) = match result {
        LifecycleResult::Abandon => kept(look, deployments, invocation).await,
        LifecycleResult::Continue => (None, Own::default()),
    };
    let evidence = Evidence { text, deployments: own.known.clone(), partial: own.more };
    if !enforced {
        tell(look, Outcome::Observed, &evidence, invocation);
        return Fate::Settled;
    }
    let lost = LostAnswers::default();
    match sent(look, result, &lost, invocation).await {
        Ok(()) => {
            tell(look, Outcome::Accepted, &evidence, invocation);
            deployments.stop(look, &own).await
        }
        // The SDK tried again after an attempt whose answer was lost: that one was accepted, or nothing was open before.
        Err(error) if error.no_active_action() && lost.any() => {
            tell(look, Outcome::Presumed, &evidence, invocation);
            // Or it is not open yet, or was settled before, and the instance lives: the next look sees whether it does.
            left(&own)
        }
        Err(error) if error.no_active_action() && young(look, invocation) => Fate::Open,
        Err(error) if error.no_active_action() => {
            info!(instance = %look.instance, group = look.group, outcome = "already-settled", "settled by somebody else");
            left(&own)
        }
        Err(error) => {
            error!(%error, "the verdict could not be sent; the same is decided again at the next look");
            Fate::Unfinished
        }
    }
}

/// At the very beginning an action may not be accepted yet.
fn young(look: &Look, invocation: &Invocation<'_>) -> bool {
    let age = look.began().map(|began| (invocation.clock)().since(began));
    age.is_some_and(|age| age < ACCEPTED_WITHIN)
}

/// What is worth keeping of an instance that is about to vanish.
async fn kept(look: &Look, deployments: &Deployments<'_>, invocation: &Invocation<'_>) -> (Option<String>, Own) {
    tokio::join!(evidence::evidence(look, invocation), deployments.of(look))
}

fn tell(look: &Look, outcome: Outcome, evidence: &Evidence, invocation: &Invocation<'_>) {
    Settled::of(look, outcome, evidence, invocation).write(invocation);
}

async fn sent(
    look: &Look,
    result: LifecycleResult,
    lost: &LostAnswers,
    invocation: &Invocation<'_>,
) -> Result<(), CallError> {
    let call = invocation.aws.autoscaling.complete_lifecycle_action().lifecycle_action_result(result.as_str());
    let call = call.lifecycle_hook_name(&invocation.config.hook).set_auto_scaling_group_name(look.group.clone());
    // With a warm pool one instance has two actions in turn, and only the token tells them apart (AWS-FACTS 2.4).
    let call = match &look.token {
        Some(token) => call.lifecycle_action_token(token.as_str()),
        None => call.instance_id(look.instance.as_str()),
    };
    let answer = call.customize().interceptor(lost.clone()).send().await;
    answer.map(drop).map_err(|error| CallError::new("CompleteLifecycleAction", &look.instance, &error))
}
