//! Which runs on an instance count for its lifecycle action, and what they say together.
//!
//! The decision, the settled line and the evidence all ask here, so that a line tells of the same runs and the same
//! report that the decision was made upon.

use std::borrow::Cow;
use std::time::Duration;

use crate::decision::Rule;
use crate::observation::{Beginning, Observation};
use crate::report::Report;
use crate::run::{Loss, Purpose, Run, RunState};
use crate::timestamp::Timestamp;

/// The most repairs of one launch (ARCHITECTURE.md#the-decision-table, row 7).
pub(crate) const MOST_REPAIRS: usize = 2;
/// If the beginning is not known, a report counts only if its run ended within this time: a warm-pool instance must
/// never enter service on a report from before it went into the pool.
const EVIDENCE_WITHOUT_BEGINNING: Duration = Duration::from_mins(2);
/// Findings of a repair that mended nothing because it only waited: for another run of the document, or for the holder
/// of the package lock.
const ONLY_WAITED: [&str; 2] = ["install-busy", "package-lock-held"];

/// The runs of one lifecycle action, newest first.
#[derive(Debug)]
pub struct History<'a> {
    runs: Vec<Cow<'a, Run>>,
    begun: bool,
    listed: bool,
    now: Timestamp,
}

impl<'a> History<'a> {
    /// The history of the instance that was seen, as it stands `now`. A run that must have ended by now is lost in it.
    #[must_use]
    pub fn of(seen: &'a Observation, now: Timestamp) -> Self {
        let runs = seen.own_runs().map(|run| run.at(now)).collect();
        let listed = seen.runs.known().is_some_and(|runs| !runs.is_empty());
        Self { runs, begun: seen.beginning != Beginning::Unknown, listed, now }
    }

    /// How many runs there are for this purpose.
    #[must_use]
    pub fn count(&self, purpose: Purpose) -> usize {
        self.runs().filter(|run| run.purpose == purpose).count()
    }

    /// The readiness run whose report ended last; when it ended; the report. Runs may overlap, so the run that ended last
    /// is not always the one that was requested last.
    #[must_use]
    pub fn last_report(&self) -> Option<(&Run, Timestamp, &Report)> {
        let readiness = self.recent().filter(|run| run.purpose == Purpose::Readiness);
        let reported = readiness.filter_map(|run| run.report().map(|(at, report)| (run, at, report)));
        // `max_by_key` gives the last of several equals; the newest run stands first.
        reported.rev().max_by_key(|(_, at, _)| *at)
    }

    /// The report that this row of the decision table weighs, and its run. Rows 6 to 8 go on from the run that was requested
    /// last. The other rows take the report that ended last.
    #[must_use]
    pub fn weighed_report(&self, rule: Rule) -> Option<(&Run, &Report)> {
        match rule {
            Rule::Fatal | Rule::Repairable | Rule::Transient => {
                self.newest().and_then(|run| Some((run, run.report()?.1)))
            }
            Rule::NotWaiting
            | Rule::Unreadable
            | Rule::Ready
            | Rule::Deadline
            | Rule::NoPing
            | Rule::Run
            | Rule::LostRun => self.last_report().map(|(run, _, report)| (run, report)),
        }
    }

    /// The readiness run that was requested last among those that have ended.
    #[must_use]
    pub fn last_readiness(&self) -> Option<&Run> {
        self.runs().find(|run| run.purpose == Purpose::Readiness && !run.is_in_progress())
    }

    /// The run that mends or starts the agent and was requested last among those that have ended.
    #[must_use]
    pub fn last_repair(&self) -> Option<&Run> {
        self.runs().find(|run| run.purpose.mends() && !run.is_in_progress())
    }

    /// Whether an agent that the gate is to start last ran already while something else was not ready, and the gate had
    /// not started it yet.
    #[must_use]
    pub fn had_agent_early(&self) -> bool {
        let before = self.runs().rev().take_while(|run| run.purpose != Purpose::StartAgent);
        before.into_iter().filter_map(Run::report).any(|(_, report)| report.agent_early)
    }

    /// The run that was requested last, for either purpose.
    pub(crate) fn newest(&self) -> Option<&Run> {
        self.recent().next()
    }

    /// Whether SSM lists any run, also one that is too old to count.
    pub(crate) fn listed(&self) -> bool {
        self.listed
    }

    /// How the run was lost that was requested last among those that have ended; nothing if it reported.
    pub(crate) fn last_loss(&self) -> Option<Loss> {
        match self.recent().find(|run| !run.is_in_progress())?.state {
            RunState::Lost { loss, .. } => Some(loss),
            RunState::Sent | RunState::Running | RunState::Reported { .. } => None,
        }
    }

    /// How many runs in a row were lost, up to now. If the beginning is not known, all that are listed count: a nudge must
    /// not start what a launch message waits with.
    pub(crate) fn count_losses(&self) -> usize {
        self.runs().take_while(|run| matches!(run.state, RunState::Lost { .. })).count()
    }

    /// How many repairs this launch has had. A repair that only waited does not count, nor does the first start of an agent
    /// that is to start last. If the beginning is not known, all repairs that are listed count.
    pub(crate) fn count_repairs(&self) -> usize {
        self.repairs().count()
    }

    /// The repair that is in progress, if one is.
    pub(crate) fn repair_in_progress(&self) -> Option<&Run> {
        self.mending().find(|run| run.is_in_progress())
    }

    /// Whether an agent that is to start last has been started.
    pub(crate) fn has_started_agent(&self) -> bool {
        self.mending().any(|run| run.purpose == Purpose::StartAgent)
    }

    /// Whether this run looked beside a repair that has ended by now: what it found may have been before the end. The moment
    /// of the end is told by the clock of the instance, so it is not compared.
    pub(crate) fn was_beside_a_repair(&self, run: &Run) -> bool {
        let ended = |repair: &Run| !repair.is_in_progress() && repair.requested <= run.requested;
        run.wait == Some(Duration::ZERO) && self.mending().any(ended)
    }

    /// The last looks, newest first: the readiness runs that do not wait on the instance and were requested at the
    /// `deadline` or later.
    pub(crate) fn last_looks(&self, deadline: Timestamp) -> impl DoubleEndedIterator<Item = &Run> {
        let last_look = move |run: &&Run| run.requested >= deadline && run.wait == Some(Duration::ZERO);
        self.runs().filter(|run| run.purpose == Purpose::Readiness).filter(last_look)
    }

    /// Whether the finding `code` of the readiness run `last` has survived all repairs that a launch may have: each repair
    /// ended with a report before `last` was requested, and was started because of the same finding. A repair that was
    /// lost may never have begun, so it proves nothing.
    pub(crate) fn survived(&self, code: &str, last: &Run) -> bool {
        let ended = |repair: &Run| repair.report().is_some_and(|(at, _)| at <= last.requested);
        let vain = |repair: &Run| ended(repair) && self.was_found_before(repair, code);
        self.begun && self.count_repairs() >= MOST_REPAIRS && self.repairs().all(vain)
    }

    fn was_found_before(&self, repair: &Run, code: &str) -> bool {
        let before = self.runs().filter(|run| run.requested <= repair.requested);
        let last = before.filter(|run| run.purpose == Purpose::Readiness).find_map(Run::report);
        last.is_some_and(|(_, report)| report.findings.iter().any(|finding| finding.code == code))
    }

    /// The mending runs that count as repairs: the first start of the agent does not.
    fn repairs(&self) -> impl Iterator<Item = &Run> {
        let starts = self.mending().filter(|run| run.purpose == Purpose::StartAgent);
        let first = starts.last();
        self.mending().filter(move |run| first.is_none_or(|first| !std::ptr::eq(first, *run)))
    }

    /// The runs that mend or start the agent, without those that only waited.
    fn mending(&self) -> impl Iterator<Item = &Run> {
        self.runs().filter(|run| run.purpose.mends() && !only_waited(run))
    }

    /// The runs that are recent enough to be evidence.
    fn recent(&self) -> impl DoubleEndedIterator<Item = &Run> {
        let is_recent = |at: Timestamp| self.begun || self.now.since(at) <= EVIDENCE_WITHOUT_BEGINNING;
        self.runs().filter(move |run| run.ended_at().is_none_or(is_recent))
    }

    fn runs(&self) -> impl DoubleEndedIterator<Item = &Run> {
        self.runs.iter().map(AsRef::as_ref)
    }
}

/// Whether this is a repair that mended nothing because it only waited.
pub(crate) fn only_waited(run: &Run) -> bool {
    let findings = run.report().map(|(_, report)| report.findings.as_slice()).unwrap_or_default();
    findings.iter().any(|finding| ONLY_WAITED.contains(&finding.code.as_str()))
}
