//! The readiness run of a question: how it is started, and how it is found again.

use std::time::Duration;

use aws_sdk_ssm::types::{CommandFilter, CommandFilterKey};
use lifecycle::policy::Policy;
use lifecycle::run::Run;
use runtime::documents::comment::write_validation;
use runtime::documents::{DELIVERY_SECONDS, DOCUMENT_VERSION, Parameters, read_validation};
use runtime::{CallError, Timestamp};

use crate::context::Context;
use crate::request::Request;

/// The longest wait on the instance for the service to come up.
const LONGEST_WAIT: Duration = Duration::from_mins(2);
/// How long a run takes beside its wait: the command reaches the instance, the report comes back, one check is slow.
const BESIDE_THE_WAIT: Duration = Duration::from_secs(30);
/// The longest that a lifecycle event of `CodeDeploy` lasts, so no question is older.
const LONGEST_EVENT: Duration = Duration::from_hours(1);

/// The comments that the run of one question may have.
pub(crate) struct Comments {
    named: String,
    nothing_named: String,
}

impl Comments {
    pub(crate) fn of(request: &Request, question: &str) -> Self {
        let named = write_validation(&request.deployment_id, &request.lifecycle_event, question);
        let nothing_named = format!("{named} without checks");
        Self { named, nothing_named }
    }

    /// The comment of a run; `nothing_named` says that nobody named checks for it.
    pub(crate) fn choose(&self, nothing_named: bool) -> &str {
        if nothing_named { &self.nothing_named } else { &self.named }
    }
}

/// How long the run may wait on the instance, so that it ends while the caller still waits. `left` is how long the
/// function can wait itself.
pub(crate) fn choose_wait(request: &Request, left: Duration) -> Duration {
    let patience = match (&request.question, request.patience) {
        (None, _) => left,
        (Some(_), Some(seconds)) => Duration::from_secs(seconds),
        (Some(_), None) => LONGEST_WAIT + BESIDE_THE_WAIT,
    };
    patience.saturating_sub(BESIDE_THE_WAIT).min(LONGEST_WAIT)
}

/// Starts the run, and gives its command.
pub(crate) async fn start_run(
    request: &Request,
    policy: &Policy,
    wait: Duration,
    comment: &str,
    context: &Context<'_>,
) -> Result<String, CallError> {
    let instance = request.instance_id.as_str();
    let parameters = Parameters::of_readiness(policy, false, wait);
    let call = context.aws.ssm.send_command().document_name(&context.config.document);
    let call = call.document_version(DOCUMENT_VERSION).set_parameters(Some(parameters.to_request()));
    let call = call.instance_ids(instance).timeout_seconds(DELIVERY_SECONDS).comment(comment);
    let answer = call.send().await.map_err(|error| CallError::new("SendCommand", instance, &error))?;
    Ok(answer.command.and_then(|command| command.command_id).unwrap_or_default())
}

/// The runs with these comments, newest first, and whether nobody named checks for them. None if SSM does not list the run
/// yet, as may be right after it was sent (aws-facts 6.4); then another is started, which does no harm.
pub(crate) async fn find_runs(
    request: &Request,
    comments: &Comments,
    context: &Context<'_>,
) -> Result<Vec<(Run, bool)>, CallError> {
    let instance = request.instance_id.as_str();
    let call = context.aws.ssm.list_command_invocations().instance_id(instance).details(true);
    let pages = call.set_filters(invoked_after(context.now() - LONGEST_EVENT)).into_paginator().items().send();
    let listed = match pages.collect::<Result<Vec<_>, _>>().await {
        Ok(listed) => listed,
        Err(error) => match CallError::new("ListCommandInvocations", instance, &error) {
            error if error.is_unreachable_instance() => Vec::new(),
            error => return Err(error),
        },
    };
    let (now, document) = (context.now(), &context.config.document);
    let mut runs: Vec<(Run, bool)> = Vec::new();
    for listed in listed {
        let nothing_named = listed.comment() == Some(comments.choose(true));
        let found = read_validation(listed, now, document, comments.choose(nothing_named));
        runs.extend(found.filter(|(on, _)| *on == request.instance_id).map(|(_, run)| (run, nothing_named)));
    }
    runs.sort_by_key(|(run, _)| std::cmp::Reverse(run.requested));
    Ok(runs)
}

/// The filter takes whole seconds.
fn invoked_after(moment: Timestamp) -> Option<Vec<CommandFilter>> {
    let second = Timestamp::from_millis(moment.millis().div_euclid(1000) * 1000).to_string();
    let filter = CommandFilter::builder().key(CommandFilterKey::InvokedAfter).value(second);
    filter.build().ok().map(|filter| vec![filter])
}
