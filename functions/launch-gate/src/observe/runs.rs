//! `ListCommandInvocations`: our runs on instances, with their reports.
//!
//! Three ways of asking, by what is cheapest: instance by instance, the pages of a document, or one command.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::time::Duration;

use aws_sdk_ssm::operation::list_command_invocations::builders::ListCommandInvocationsFluentBuilder;
use aws_sdk_ssm::types::CommandInvocation;
use futures_util::future::join_all;
use lifecycle::Timestamp;
use lifecycle::identity::InstanceId;
use lifecycle::observation::Reading;
use lifecycle::run::Run;
use lifecycle::timing::LATELY;
use runtime::CallError;
use runtime::documents::read_run;

use super::failed::log_failed_read;
use super::pages::{INVOCATIONS_PER_PAGE, Listed, filter_by, list_by_document};
use super::recall::note_listed;
use crate::context::Context;
use crate::look::Look;
use crate::memory::Known;

/// Up to this many instances are asked for one by one if that is fewer reads than there are pages of the documents. A page
/// holds up to 50 runs, but also runs of other launches.
const FEW: usize = 50;
/// The documents have at least one page each.
const FEWEST_PAGES: usize = 2;
/// If a command's run was not ready on more instances than this, they are left to their launch messages.
const REOPENED: usize = 10;
/// Launches that began longer ago than this are asked for one by one if they are few. The pages of a document hold all
/// runs since the earliest beginning, so a few old launches would make everybody's pages many.
const RECENTLY: Duration = Duration::from_mins(30);

/// Since when the runs of each instance count.
type Since<'a> = BTreeMap<&'a InstanceId, Timestamp>;
type Runs = BTreeMap<InstanceId, Reading<Vec<Run>>>;

/// The runs on these instances since their launches began, newest first.
pub(super) async fn read_runs(looks: Vec<&Look>, now: Timestamp, context: &Context<'_>) -> Runs {
    let pages = context.memory.pages.load(Ordering::Relaxed).max(FEWEST_PAGES);
    let (by_command, looks) = split_by_command(looks, pages);
    let mut since = Since::new();
    for look in looks {
        let began = look.seen.began().unwrap_or(now - LATELY);
        since.entry(&look.instance).and_modify(|earliest| *earliest = began.min(*earliest)).or_insert(began);
    }
    let (few, many) = split_by_number(since, pages.min(FEW), now);
    let (mut runs, of_many, of_commands) = tokio::join!(
        read_by_instance(&few, now, context),
        read_by_document(&many, now, context),
        read_by_command(&by_command, now, context)
    );
    runs.extend(of_many);
    runs.extend(of_commands);
    runs
}

/// If runs have ended on more instances than there are commands, one read of each command shows more of them than one read
/// of each instance. If there are more commands than `pages` of the documents, the pages show more.
fn split_by_command(looks: Vec<&Look>, pages: usize) -> (Vec<&Look>, Vec<&Look>) {
    let (ended, others): (Vec<&Look>, Vec<&Look>) = looks.iter().copied().partition(|look| look.command.is_some());
    let commands: BTreeSet<_> = ended.iter().filter_map(|look| look.command.as_ref()).collect();
    if commands.len() < ended.len() && commands.len() <= pages.max(FEW) { (ended, others) } else { (Vec::new(), looks) }
}

/// Lets the next round read all runs of those instances whose run has ended, or must have, and is not ready. Many nudges
/// are left to their launch messages, which come within a tick, together.
pub(super) fn reopen_partial(looks: &mut [Look], now: Timestamp) {
    let is_open = |look: &Look| match &look.seen.runs {
        Reading::Partial(runs) => !runs.iter().any(is_ready) && !runs.first().is_some_and(|run| run.is_awaited(now)),
        Reading::Unread | Reading::Failed | Reading::Remembered(_) | Reading::Known(_) => false,
    };
    let few = looks.iter().filter(|look| is_open(look)).count() <= REOPENED;
    for look in looks.iter_mut().filter(|look| is_open(look) && (few || look.has_launch_message())) {
        (look.seen.runs, look.command) = (Reading::Unread, None);
    }
}

fn is_ready(run: &Run) -> bool {
    run.report().is_some_and(|(_, report)| report.ready)
}

/// The instances to ask for one by one, and those to find in the pages of the documents.
fn split_by_number(since: Since<'_>, few: usize, now: Timestamp) -> (Since<'_>, Since<'_>) {
    let (mut recent, mut old): (Since<'_>, Since<'_>) =
        since.into_iter().partition(|(_, began)| now.since(*began) <= RECENTLY);
    if old.len() > few {
        recent.append(&mut old);
    }
    if recent.len() > few {
        return (old, recent);
    }
    old.append(&mut recent);
    (old, recent)
}

async fn read_by_instance(since: &Since<'_>, now: Timestamp, context: &Context<'_>) -> Runs {
    let calls = since.iter().map(|(instance, since)| async move {
        let call = context.aws.ssm.list_command_invocations().instance_id(instance.as_str());
        (*instance, list_invocations(filter_by(call, *since, None), instance).await)
    });
    let mut runs = Runs::new();
    for (instance, answer) in join_all(calls).await {
        let listed = match answer {
            Ok(listed) => listed,
            Err(error) if error.is_unreachable_instance() => Vec::new(),
            Err(error) => {
                log_failed_read(&error);
                continue;
            }
        };
        let own = sort_by_instance(listed, now, context).remove(instance).unwrap_or_default();
        runs.insert(instance.clone(), Reading::Known(own));
    }
    runs
}

/// If AWS does not give the whole list now, only the ready reports in it count: their launches go on. If several looks
/// together have read it to its end, a launch without any run in it may have its first, which changes nothing.
async fn read_by_document(since: &Since<'_>, now: Timestamp, context: &Context<'_>) -> Runs {
    let Some(earliest) = since.values().min().copied() else { return Runs::new() };
    let Listed { invocations, whole, complete_since } = list_by_document(earliest, context).await;
    let mut sorted = sort_by_instance(invocations, now, context);
    note_listed(&sorted, context);
    let read = |(instance, began): (&&InstanceId, &Timestamp)| {
        let runs = sorted.remove(*instance).unwrap_or_default();
        let has_none = || context.memory.instances.read(instance, Known::has_no_run);
        let reading = match complete_since {
            _ if whole => Reading::Known(runs),
            _ if runs.iter().any(is_ready) => Reading::Partial(runs),
            Some(since) if since <= *began && runs.is_empty() && has_none() => Reading::Remembered(runs),
            _ => return None,
        };
        Some(((*instance).clone(), reading))
    };
    since.iter().filter_map(read).collect()
}

/// Reads only the runs of the commands that the nudges name, so the readings are partial.
async fn read_by_command(looks: &[&Look], now: Timestamp, context: &Context<'_>) -> Runs {
    let commands: BTreeSet<&String> = looks.iter().filter_map(|look| look.command.as_ref()).collect();
    let calls = commands.into_iter().map(|command| async move {
        let call = context.aws.ssm.list_command_invocations().command_id(command);
        (command, list_invocations(call, command).await)
    });
    let mut read = BTreeMap::new();
    for (command, answer) in join_all(calls).await {
        if let Ok(listed) = answer.inspect_err(log_failed_read) {
            let sorted = sort_by_instance(listed, now, context);
            note_listed(&sorted, context);
            read.insert(command, sorted);
        }
    }
    let own = |look: &Look| Some(read.get(look.command.as_ref()?)?.get(&look.instance).cloned().unwrap_or_default());
    looks.iter().filter_map(|look| Some((look.instance.clone(), Reading::Partial(own(look)?)))).collect()
}

async fn list_invocations(
    call: ListCommandInvocationsFluentBuilder,
    subject: impl std::fmt::Display,
) -> Result<Vec<CommandInvocation>, CallError> {
    let listed = call.details(true).into_paginator().page_size(INVOCATIONS_PER_PAGE).items().send();
    listed.collect::<Result<_, _>>().await.map_err(|error| CallError::new("ListCommandInvocations", subject, &error))
}

/// Our runs, by instance, newest first.
fn sort_by_instance(
    listed: Vec<CommandInvocation>,
    now: Timestamp,
    context: &Context<'_>,
) -> BTreeMap<InstanceId, Vec<Run>> {
    let mut runs: BTreeMap<InstanceId, Vec<Run>> = BTreeMap::new();
    let documents = context.config.documents();
    for (instance, run) in listed.into_iter().filter_map(|listed| read_run(listed, now, documents)) {
        runs.entry(instance).or_default().push(run);
    }
    for own in runs.values_mut() {
        own.sort_by_key(|run| std::cmp::Reverse(run.requested));
    }
    runs
}
