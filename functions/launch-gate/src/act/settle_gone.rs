//! Settles a launch whose instance is gone. Somebody else ended it, or a nudge did so for us since its launch message was
//! last seen.

use std::time::Duration;

use tracing::debug;

use super::stop_deployments::stop_deployments;
use crate::context::Context;
use crate::evidence::{BatchDeployments, Evidence};
use crate::look::{Decided, Failure, Progress};
use crate::telemetry::{Outcome, write_settled_line};

/// A launch activity is listed within this time after the launch began.
const LISTED_WITHIN: Duration = Duration::from_mins(2);
/// How long after the deadline the activity of a launch is waited for.
const TOLD_WITHIN: Duration = Duration::from_mins(10);

/// Writes the settled line of an instance that is gone, unless the look that abandoned it has written one already.
pub(super) async fn settle_gone(
    decided: &mut Decided,
    deployments: &BatchDeployments<'_>,
    context: &Context<'_>,
) -> Progress {
    if !decided.look.has_launch_message() {
        return Progress::Settled;
    }
    if !decided.is_end_told() && !is_told_too_late(decided, context) {
        // Whoever ended the launch: its deployment must not wait for the instance.
        if decided.is_enforced() {
            let running = deployments.read_running_of(decided).await;
            stop_deployments(&decided.look, &running, context).await;
        }
        return Progress::Open;
    }
    if has_served(decided) {
        debug!(instance = %decided.look.instance, "its launch had succeeded before; whoever completed it has told of it");
        return Progress::Settled;
    }
    let ended = decided.activity.as_ref().map(|activity| activity.message.clone()).unwrap_or_default();
    if was_abandoned_by_us(decided, &ended) {
        debug!(instance = %decided.look.instance, "its line was written before");
        // The look that wrote it may have had no time left to stop the deployment, or AWS did not let it.
        let running = deployments.read_left_of(decided).await;
        return stop_deployments(&decided.look, &running, context).await;
    }
    let evidence = Evidence { output: None, deployments: deployments.read_all_of(decided).await };
    // The owner reads AWS's own words for the end of the launch.
    decided.look.warnings.extend(Some(ended).filter(|ended| !ended.is_empty()));
    if context.memory.told.note((decided.look.instance.clone(), decided.look.token.clone())) {
        write_settled_line(decided, Outcome::Gone, &evidence, context);
        decided.failure = Some(Failure::Told);
    }
    if decided.is_enforced() {
        // Whether this succeeds or not: a message that came back would write a second line.
        stop_deployments(&decided.look, &evidence.deployments, context).await;
    }
    Progress::Settled
}

/// Whether the end of the launch is not waited for any more: no activity is listed, or too much time has passed. Whoever
/// ended the launch, its activity tells within minutes; to write the line before might write it twice.
fn is_told_too_late(decided: &Decided, context: &Context<'_>) -> bool {
    let look = &decided.look;
    let Some(began) = look.seen.began() else { return true };
    let open = context.now().since(began);
    let unlisted = decided.has_no_activity && open >= LISTED_WITHIN;
    unlisted || open > look.policy.ready_within + TOLD_WITHIN
}

/// Whether the instance had come to the end of this launch, and was terminated afterwards. Its launch message may come back
/// in a process that did not complete the action. An activity that ended before the action began is that of an earlier
/// launch: a warm-pool instance has two.
fn has_served(decided: &Decided) -> bool {
    let own = decided.activity.as_ref().filter(|activity| activity.succeeded);
    own.is_some_and(|activity| activity.ended > decided.look.seen.began())
}

/// Whether AWS says that exactly this action was completed with ABANDON (aws-facts 1.3).
fn was_abandoned_by_us(decided: &Decided, ended: &str) -> bool {
    let names_token = decided.look.token.as_ref().is_some_and(|token| ended.contains(token.as_str()));
    names_token && ended.contains("Completed with ABANDON Result")
}
