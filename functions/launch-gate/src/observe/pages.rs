//! `ListCommandInvocations`: all runs of our documents, page by page.
//!
//! With thousands of launches AWS may not give all pages in the time of one look. Then the next look goes on where this one
//! stopped, so that each page is read in turn.

use std::sync::atomic::Ordering;

use aws_sdk_ssm::operation::list_command_invocations::ListCommandInvocationsOutput;
use aws_sdk_ssm::operation::list_command_invocations::builders::ListCommandInvocationsFluentBuilder;
use aws_sdk_ssm::types::{CommandFilter, CommandFilterKey, CommandInvocation};
use futures_util::future::join_all;
use lifecycle::Timestamp;
use runtime::CallError;
use tokio::time::timeout;
use tracing::warn;

use super::failed::log_failed_read;
use crate::context::Context;
use crate::memory::Rest;

/// The most invocations of one page (aws-facts 6.4).
pub(super) const INVOCATIONS_PER_PAGE: i32 = 50;

/// What was listed.
pub(super) struct Listed {
    /// In whatever order AWS lists.
    pub(super) invocations: Vec<CommandInvocation>,
    /// Whether that is all, nothing of it read by an earlier look.
    pub(super) whole: bool,
    /// If it has come to its end, together with what earlier looks have read: the moment since which it has all runs.
    pub(super) complete_since: Option<Timestamp>,
}

/// The runs of one document, as far as they were listed.
struct Pages<'a> {
    document: &'a str,
    /// Where the list began, and where it goes on.
    rest: Rest,
    /// Whether it began after the first page.
    resumed: bool,
    ended: bool,
    read: usize,
    invocations: Vec<CommandInvocation>,
}

/// Lists the runs that were requested after the `earliest` moment, or the rest of such a list, within a third of the time.
pub(super) async fn list_by_document(earliest: Timestamp, context: &Context<'_>) -> Listed {
    let documents = context.config.documents();
    let documents = std::iter::once(documents.readiness).chain(documents.install);
    let mut lists: Vec<_> = documents.map(|document| Pages::begin(document, earliest, context)).collect();
    let ended = read_to_end(&mut lists, context).await;
    let whole = ended && !lists.iter().any(|pages| pages.resumed);
    note_number(lists.iter().map(|pages| pages.read.max(1)).sum(), whole, context);
    let complete_since = lists.iter().map(|pages| pages.rest.since).max().filter(|_| ended);
    Listed { complete_since, invocations: lists.into_iter().flat_map(|pages| pages.invocations).collect(), whole }
}

/// Whether all lists have come to their ends. The rests of the others are kept.
async fn read_to_end(lists: &mut [Pages<'_>], context: &Context<'_>) -> bool {
    let reading = join_all(lists.iter_mut().map(|pages| pages.read(context)));
    if timeout(context.share, reading).await.is_err() {
        let seconds = context.share.as_secs();
        warn!("the list of runs was left after {seconds} s; the next look goes on there");
    }
    for pages in lists.iter() {
        context.memory.rests.keep(pages.document, &pages.rest);
    }
    lists.iter().all(|pages| pages.ended)
}

/// Notes how many pages the runs fill, at least.
fn note_number(pages: usize, whole: bool, context: &Context<'_>) {
    if whole {
        context.memory.pages.store(pages, Ordering::Relaxed);
    } else {
        context.memory.pages.fetch_max(pages, Ordering::Relaxed);
    }
}

impl<'a> Pages<'a> {
    fn begin(document: &'a str, earliest: Timestamp, context: &Context<'_>) -> Self {
        let rest = context.memory.rests.take(document, context.now());
        let resumed = rest.is_some();
        let rest = rest.unwrap_or(Rest { since: earliest, began: context.now(), token: None });
        Self { document, rest, resumed, ended: false, read: 0, invocations: Vec::new() }
    }

    /// Reads to the end. What was read remains if this is given up. If AWS refuses a page, the next list begins anew.
    async fn read(&mut self, context: &Context<'_>) {
        while !self.ended {
            match self.read_page(context).await {
                Ok(page) => self.add(page),
                Err(error) => {
                    log_failed_read(&error);
                    self.rest.token.take_if(|_| !error.is_passing());
                    return;
                }
            }
        }
    }

    async fn read_page(&self, context: &Context<'_>) -> Result<ListCommandInvocationsOutput, CallError> {
        let call = context.aws.ssm.list_command_invocations().details(true).max_results(INVOCATIONS_PER_PAGE);
        let call = filter_by(call, self.rest.since, Some(self.document)).set_next_token(self.rest.token.clone());
        call.send().await.map_err(|error| CallError::new("ListCommandInvocations", "a batch", &error))
    }

    fn add(&mut self, page: ListCommandInvocationsOutput) {
        self.invocations.extend(page.command_invocations.unwrap_or_default());
        self.rest.token = page.next_token.filter(|token| !token.is_empty());
        self.ended = self.rest.token.is_none();
        self.read += 1;
    }
}

/// Only invocations that were requested after this moment; and only those of this document, if it is given. The filter
/// takes whole seconds, such as `2026-09-14T08:21:43Z`; the core compares the time again.
pub(super) fn filter_by(
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
