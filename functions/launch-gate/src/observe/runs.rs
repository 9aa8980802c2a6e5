//! `ListCommandInvocations`: our runs on instances, with their reports.
//!
//! Three ways of asking, by what is cheapest: instance by instance, the pages of a document, or one command.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::time::Duration;

use aws_sdk_ssm::operation::list_command_invocations::builders::ListCommandInvocationsFluentBuilder;
use aws_sdk_ssm::types::{CommandFilter, CommandFilterKey, CommandInvocation};
use futures_util::future::join_all;
use lifecycle::Timestamp;
use lifecycle::identity::InstanceId;
use lifecycle::observation::Reading;
use lifecycle::run::Run;
use lifecycle::timing::LATELY;
use runtime::CallError;
use runtime::documents::read_run;
use tokio::time::timeout;
use tracing::warn;

use super::failed::log_failed_read;
use super::recall::note_listed;
use crate::context::Context;
use crate::look::Look;

/// The most invocations of one page (aws-facts 6.4).
const INVOCATIONS_PER_PAGE: i32 = 50;
/// The same.
const RUNS_PER_PAGE: usize = 50;
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

/// Lists page by page, within a third of the time. If AWS lets it come no further, only the ready reports among what was
/// listed count, in whatever order AWS lists: their launches go on, and the next look need not list these again.
async fn read_by_document(since: &Since<'_>, now: Timestamp, context: &Context<'_>) -> Runs {
    let Some(earliest) = since.values().min().copied() else { return Runs::new() };
    let documents = context.config.documents();
    let documents = std::iter::once(documents.readiness).chain(documents.install);
    let mut listed: Vec<_> = documents.map(|document| (document, Vec::new())).collect();
    let listing = join_all(listed.iter_mut().map(|(document, runs)| {
        let call = filter_by(context.aws.ssm.list_command_invocations(), earliest, Some(document));
        list_into(runs, call, "a batch")
    }));
    let is_whole = if let Ok(answers) = timeout(context.share, listing).await {
        answers.iter().all(|answer| answer.as_ref().inspect_err(|error| log_failed_read(error)).is_ok())
    } else {
        let seconds = context.share.as_secs();
        warn!("the list of runs was left after {seconds} s; launches that are not ready in it are looked at again");
        false
    };
    let pages = listed.iter().map(|(_, runs)| runs.len().div_ceil(RUNS_PER_PAGE).max(1)).sum();
    context.memory.pages.store(pages, Ordering::Relaxed);
    let mut sorted = sort_by_instance(listed.into_iter().flat_map(|(_, runs)| runs).collect(), now, context);
    note_listed(&sorted, context);
    let found = since.keys().map(|id| ((*id).clone(), sorted.remove(*id).unwrap_or_default()));
    if is_whole {
        return found.map(|(id, runs)| (id, Reading::Known(runs))).collect();
    }
    found.filter(|(_, runs)| runs.iter().any(is_ready)).map(|(id, runs)| (id, Reading::Partial(runs))).collect()
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
    let mut listed = Vec::new();
    list_into(&mut listed, call, subject).await.map(|()| listed)
}

/// Adds what is listed, one by one, so that what was listed remains if this is given up.
async fn list_into(
    listed: &mut Vec<CommandInvocation>,
    call: ListCommandInvocationsFluentBuilder,
    subject: impl std::fmt::Display,
) -> Result<(), CallError> {
    let mut invocations = call.details(true).into_paginator().page_size(INVOCATIONS_PER_PAGE).items().send();
    while let Some(next) = invocations.next().await {
        listed.push(next.map_err(|error| CallError::new("ListCommandInvocations", &subject, &error))?);
    }
    Ok(())
}

/// Only invocations that were requested after this moment; and only those of this document, if it is given. The filter
/// takes whole seconds, such as `2026-09-14T08:21:43Z`; the core compares the time again.
fn filter_by(
    call: ListCommandInvocationsFluentBuilder,
    since: Timestamp,
    document: Option<&str>,
) -> ListCommandInvocationsFluentBuilder {
    let second = Timestamp::from_millis(since.millis().div_euclid(1000) * 1000).to_string();
    let document = document.map(|document| (CommandFilterKey::DocumentName, document.to_owned()));
    let filters = [(CommandFilterKey::InvokedAfter, second)].into_iter().chain(document);
    let filters = filters.filter_map(|(key, value)| CommandFilter::builder().key(key).value(value).build().ok());
    call.set_filters(Some(filters.collect()))
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
