//! What the runs on an instance amount to: which of them count, and what they say together.

use std::borrow::Cow;
use std::time::Duration;

use super::repair::REPAIRS;
use crate::Timestamp;
use crate::observation::{Beginning, Errand, Loss, Observation, Run, RunState};
use crate::report::Report;

/// Without a known beginning, a report is evidence only if its run ended this recently: a warm-pool instance must never
/// be let into service on what it said before it went into the pool.
const EVIDENCE_WITHOUT_BEGINNING: Duration = Duration::from_mins(2);
/// A run that the instance has not taken by now is lost. SSM itself would keep it pending for its delivery time-out
/// plus the document's own (AWS-FACTS 6.2).
const SENT_FOR: Duration = Duration::from_secs(90);
/// A readiness run that has not ended by now is lost: an agent that dies after taking it leaves it in progress
/// (AWS-FACTS 6.2).
const LOOKING_FOR: Duration = Duration::from_mins(6);
/// The same of a repair, which waits for its turn for up to 240 s, and may then need two installations, each cut off
/// after 300 s, and a minute for the agent to start.
const MENDING_FOR: Duration = Duration::from_mins(15);
/// What a repair says that has only waited: another run, or whoever holds the package lock, was there first.
const TURNED_AWAY: [&str; 2] = ["install-busy", "package-lock-held"];

/// The runs of this lifecycle action, newest first.
pub(super) struct History<'a> {
    runs: Vec<Cow<'a, Run>>,
    begun: bool,
    listed: bool,
    now: Timestamp,
}

impl<'a> History<'a> {
    pub(super) fn of(seen: &'a Observation, now: Timestamp) -> Self {
        let runs = seen.own_runs().map(|run| overdue(run, now)).collect();
        let listed = seen.runs.known().is_some_and(|runs| !runs.is_empty());
        Self { runs, begun: seen.beginning != Beginning::Unknown, listed, now }
    }

    /// The newest run of either errand.
    pub(super) fn newest(&self) -> Option<&Run> {
        self.counting().next()
    }

    /// The report of the readiness run that ended last, and when. Runs may overlap, so that is not always the newest.
    pub(super) fn report(&self) -> Option<(Timestamp, &Report)> {
        let readiness = self.counting().filter(|run| run.errand == Errand::Readiness);
        // `max_by_key` gives the last of several equals; the newest stands first.
        readiness.filter_map(reported).rev().max_by_key(|(at, _)| *at)
    }

    /// Whether any run is known, be it too old to count.
    pub(super) fn listed(&self) -> bool {
        self.listed
    }

    /// How many runs were lost in a row, up to now.
    pub(super) fn losses(&self) -> usize {
        self.counting().take_while(|run| matches!(run.state, RunState::Lost { .. })).count()
    }

    /// How many repairs this launch has had: those that only waited have mended nothing, and are none. Where the
    /// beginning is not known, all that are listed count.
    pub(super) fn repairs(&self) -> usize {
        self.mending().count()
    }

    /// Whether a repair is at it, or on its way.
    pub(super) fn repairing(&self) -> bool {
        self.mending().any(|run| matches!(run.state, RunState::Sent | RunState::Running))
    }

    /// Whether the finding of this code, which the readiness run `last` has made, has survived all the repairs that a
    /// launch may have: each has ended with a report before that run, and was started because of the same finding.
    /// One that was lost may never have begun, and proves nothing.
    pub(super) fn survived(&self, code: &str, last: &Run) -> bool {
        let ended = |repair: &Run| reported(repair).is_some_and(|(at, _)| at <= last.requested);
        let vain = |repair: &Run| ended(repair) && self.found_before(repair, code);
        self.begun && self.repairs() >= REPAIRS && self.mending().all(vain)
    }

    fn found_before(&self, repair: &Run, code: &str) -> bool {
        let before = self.runs.iter().map(AsRef::as_ref).filter(|run: &&Run| run.requested <= repair.requested);
        let last = before.filter(|run| run.errand == Errand::Readiness).find_map(reported);
        last.is_some_and(|(_, report)| report.findings.iter().any(|finding| finding.code == code))
    }

    fn mending(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().map(AsRef::as_ref).filter(|run: &&Run| run.errand == Errand::Repair && !turned_away(run))
    }

    /// Those that are recent enough to be evidence.
    fn counting(&self) -> impl DoubleEndedIterator<Item = &Run> {
        let recent = |at: Timestamp| self.begun || self.now.since(at) <= EVIDENCE_WITHOUT_BEGINNING;
        self.runs.iter().map(AsRef::as_ref).filter(move |run: &&Run| match run.state {
            RunState::Reported { at, .. } | RunState::Lost { at, .. } => recent(at),
            RunState::Sent | RunState::Running => true,
        })
    }
}

fn reported(run: &Run) -> Option<(Timestamp, &Report)> {
    match &run.state {
        RunState::Reported { at, report } => Some((*at, report)),
        RunState::Sent | RunState::Running | RunState::Lost { .. } => None,
    }
}

/// Whether this is a repair that has only waited.
pub(crate) fn turned_away(run: &Run) -> bool {
    let findings = reported(run).map(|(_, report)| report.findings.as_slice()).unwrap_or_default();
    findings.iter().any(|finding| TURNED_AWAY.contains(&finding.code.as_str()))
}

fn overdue(run: &Run, now: Timestamp) -> Cow<'_, Run> {
    let (limit, loss) = match run.state {
        RunState::Sent => (SENT_FOR, Loss::Undelivered),
        RunState::Running => (running_for(run.errand), Loss::TimedOut),
        RunState::Reported { .. } | RunState::Lost { .. } => return Cow::Borrowed(run),
    };
    let at = run.requested + limit;
    if now < at {
        return Cow::Borrowed(run);
    }
    Cow::Owned(Run { state: RunState::Lost { at, loss }, ..run.clone() })
}

fn running_for(errand: Errand) -> Duration {
    match errand {
        Errand::Readiness => LOOKING_FOR,
        Errand::Repair => MENDING_FOR,
    }
}
