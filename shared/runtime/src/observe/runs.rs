//! `ListCommandInvocations`: our runs on instances, with their reports.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_ssm::types::{CommandFilter, CommandFilterKey, CommandInvocation};
use futures_util::future::join_all;
use lifecycle::Timestamp;
use lifecycle::identity::InstanceId;
use lifecycle::observation::{Reading, Run};
use lifecycle::reads::LATELY;

use super::unreadable;
use crate::error::CallError;
use crate::handler::Invocation;
use crate::look::Look;
use crate::run;

/// The most invocations of one page (AWS-FACTS 6.4).
const MOST: i32 = 50;
/// Up to so many instances are asked for one by one; more are cheaper to find in the pages of a document, which holds
/// up to fifty of them a page but also everybody else's.
pub(super) const FEW: usize = 10;
/// Launches that began longer ago are asked for one by one, if they are few.
const RECENTLY: Duration = Duration::from_mins(30);

/// Since when the runs of each instance count.
type Since<'a> = BTreeMap<&'a InstanceId, Timestamp>;

/// The runs on these instances since their launches began, newest first.
pub(super) async fn runs(
    looks: Vec<&Look>,
    now: Timestamp,
    invocation: &Invocation<'_>,
) -> BTreeMap<InstanceId, Reading<Vec<Run>>> {
    let (hinted, looks): (Vec<_>, Vec<_>) = looks.into_iter().partition(|look| look.seen.glance);
    let mut since = Since::new();
    for look in looks {
        let began = look.began().unwrap_or(now - LATELY);
        since.entry(&look.instance).and_modify(|earliest| *earliest = began.min(*earliest)).or_insert(began);
    }
    // The pages of a document hold everybody's runs since the earliest beginning: nobody pays for a few that are old.
    let (mut recent, mut old): (Since<'_>, Since<'_>) =
        since.into_iter().partition(|(_, began)| now.since(*began) <= RECENTLY);
    if old.len() > FEW {
        recent.append(&mut old);
    }
    let (few, many) =
        if recent.len() > FEW { (old, recent) } else { (old.into_iter().chain(recent).collect(), Since::new()) };
    let (mut runs, of_many, of_commands) = tokio::join!(
        one_by_one(&few, now, invocation),
        by_document(&many, now, invocation),
        by_command(&hinted, now, invocation)
    );
    runs.extend(of_many);
    runs.extend(of_commands);
    runs
}

async fn one_by_one(
    since: &Since<'_>,
    now: Timestamp,
    invocation: &Invocation<'_>,
) -> BTreeMap<InstanceId, Reading<Vec<Run>>> {
    let calls = since
        .iter()
        .map(|(instance, since)| async move { (*instance, listed(Some(instance), None, *since, invocation).await) });
    let mut runs = BTreeMap::new();
    for (instance, answer) in join_all(calls).await {
        let listed = match answer {
            Err(error) if error.unreachable_instance() => Vec::new(),
            answer => match answer.inspect_err(unreadable) {
                Ok(listed) => listed,
                Err(_) => continue,
            },
        };
        let mut sorted = sort(listed, now, invocation);
        let own = sorted.remove(instance).unwrap_or_default();
        runs.insert(instance.clone(), Reading::Known(own));
    }
    runs
}

async fn by_document(
    since: &Since<'_>,
    now: Timestamp,
    invocation: &Invocation<'_>,
) -> BTreeMap<InstanceId, Reading<Vec<Run>>> {
    let Some(earliest) = since.values().min().copied() else {
        return BTreeMap::new();
    };
    let config = invocation.config;
    let documents = std::iter::once(&config.readiness_document).chain(config.install_document.as_ref());
    let calls = documents.map(|document| listed(None, Some(document), earliest, invocation));
    let answers: Result<Vec<_>, _> = join_all(calls).await.into_iter().collect();
    let Ok(listed) = answers.inspect_err(unreadable) else {
        return BTreeMap::new();
    };
    let mut sorted = sort(listed.into_iter().flatten().collect(), now, invocation);
    since.keys().map(|id| ((*id).clone(), Reading::Known(sorted.remove(*id).unwrap_or_default()))).collect()
}

/// Only the runs of the commands that the nudges name.
async fn by_command(
    looks: &[&Look],
    now: Timestamp,
    invocation: &Invocation<'_>,
) -> BTreeMap<InstanceId, Reading<Vec<Run>>> {
    let commands: BTreeSet<&String> = looks.iter().filter_map(|look| look.hint.as_ref()).collect();
    let calls = commands.into_iter().map(|command| async move { (command, of_command(command, invocation).await) });
    let mut read = BTreeMap::new();
    for (command, answer) in join_all(calls).await {
        if let Ok(listed) = answer.inspect_err(unreadable) {
            read.insert(command, sort(listed, now, invocation));
        }
    }
    let own = |look: &&Look| Some(read.get(look.hint.as_ref()?)?.get(&look.instance).cloned().unwrap_or_default());
    looks.iter().filter_map(|look| Some((look.instance.clone(), Reading::Known(own(look)?)))).collect()
}

async fn of_command(command: &str, invocation: &Invocation<'_>) -> Result<Vec<CommandInvocation>, CallError> {
    let call = invocation.aws.ssm.list_command_invocations().details(true).command_id(command);
    let pages = call.into_paginator().page_size(MOST).items().send();
    pages.collect::<Result<_, _>>().await.map_err(|error| CallError::new("ListCommandInvocations", command, &error))
}

async fn listed(
    instance: Option<&InstanceId>,
    document: Option<&String>,
    since: Timestamp,
    invocation: &Invocation<'_>,
) -> Result<Vec<CommandInvocation>, CallError> {
    let document = document.map(|document| filter(CommandFilterKey::DocumentName, document));
    let filters = std::iter::once(filter(CommandFilterKey::InvokedAfter, &whole_second(since))).chain(document);
    let call = invocation.aws.ssm.list_command_invocations().details(true);
    let call = call.set_instance_id(instance.map(ToString::to_string)).set_filters(Some(filters.flatten().collect()));
    let pages = call.into_paginator().page_size(MOST).items().send();
    let subject = instance.map_or_else(|| "a batch".to_owned(), ToString::to_string);
    pages.collect::<Result<_, _>>().await.map_err(|error| CallError::new("ListCommandInvocations", subject, &error))
}

/// Our runs, by instance, newest first.
fn sort(listed: Vec<CommandInvocation>, now: Timestamp, invocation: &Invocation<'_>) -> BTreeMap<InstanceId, Vec<Run>> {
    let mut runs: BTreeMap<InstanceId, Vec<Run>> = BTreeMap::new();
    let documents = invocation.config.documents();
    for (instance, run) in listed.into_iter().filter_map(|listed| run::read(listed, now, documents)) {
        runs.entry(instance).or_default().push(run);
    }
    for own in runs.values_mut() {
        own.sort_by_key(|run| std::cmp::Reverse(run.requested));
    }
    runs
}

fn filter(key: CommandFilterKey, value: &str) -> Option<CommandFilter> {
    CommandFilter::builder().key(key).value(value).build().ok()
}

/// The filter takes `2026-09-14T08:21:43Z`; a second early does no harm, for the core compares again.
fn whole_second(moment: Timestamp) -> String {
    Timestamp::from_millis(moment.millis().div_euclid(1000) * 1000).to_string()
}
