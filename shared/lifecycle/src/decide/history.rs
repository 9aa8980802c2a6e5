//! What the runs on an instance amount to: which of them count, and what they say together.

use std::borrow::Cow;
use std::time::Duration;

use crate::Timestamp;
use crate::observation::{Beginning, Errand, Loss, Observation, Run, RunState};
use crate::report::Report;

/// Without a known beginning, a report is evidence only if its run ended this recently: a warm-pool instance must never
/// be let into service on what it said before it went into the pool.
const EVIDENCE_WITHOUT_BEGINNING: Duration = Duration::from_mins(2);
/// A run that the instance has not taken by now is lost. SSM itself would keep it pending for its delivery time-out
/// plus the document's own (AWS-FACTS 6.2).
const SENT_FOR: Duration = Duration::from_secs(90);
/// A run that has not ended by now is lost: an agent that dies after taking it leaves it in progress (AWS-FACTS 6.2).
const RUNNING_FOR: Duration = Duration::from_mins(6);

/// The runs that count for this lifecycle action, newest first.
pub(super) struct History<'a> {
    runs: Vec<Cow<'a, Run>>,
    repairs: usize,
    listed: bool,
}

impl<'a> History<'a> {
    pub(super) fn of(seen: &'a Observation, now: Timestamp) -> Self {
        let all = seen.runs.known().map(Vec::as_slice).unwrap_or_default();
        let repairs = all.iter().filter(|run| run.errand == Errand::Repair && requested_in(seen, run)).count();
        let runs = all.iter().map(|run| overdue(run, now)).filter(|run| counts(seen, run, now)).collect();
        Self { runs, repairs, listed: !all.is_empty() }
    }

    /// The newest run of either errand.
    pub(super) fn newest(&self) -> Option<&Run> {
        self.runs.first().map(AsRef::as_ref)
    }

    /// The report of the readiness run that ended last, and when. Runs may overlap, so that is not always the newest.
    pub(super) fn report(&self) -> Option<(Timestamp, &Report)> {
        let readiness = self.runs.iter().filter(|run| run.errand == Errand::Readiness);
        let reports = readiness.filter_map(|run| match &run.state {
            RunState::Reported { at, report } => Some((*at, report)),
            RunState::Sent | RunState::Running | RunState::Lost { .. } => None,
        });
        // `max_by_key` gives the last of several equals; the newest stands first.
        reports.rev().max_by_key(|(at, _)| *at)
    }

    /// Whether any run is known, be it too old to count.
    pub(super) fn listed(&self) -> bool {
        self.listed
    }

    /// How many runs were lost in a row, up to now.
    pub(super) fn losses(&self) -> usize {
        self.runs.iter().take_while(|run| matches!(run.state, RunState::Lost { .. })).count()
    }

    /// How many repairs this launch has had. Where the beginning is not known, all that are listed count.
    pub(super) fn repairs(&self) -> usize {
        self.repairs
    }
}

fn counts(seen: &Observation, run: &Run, now: Timestamp) -> bool {
    requested_in(seen, run)
        && match (&seen.beginning, &run.state) {
            (Beginning::Unknown, RunState::Reported { at, .. } | RunState::Lost { at, .. }) => {
                now.since(*at) <= EVIDENCE_WITHOUT_BEGINNING
            }
            (Beginning::Unknown, RunState::Sent | RunState::Running)
            | (Beginning::At(_) | Beginning::SoonAfter(_), _) => true,
        }
}

fn requested_in(seen: &Observation, run: &Run) -> bool {
    match seen.beginning {
        Beginning::At(began) | Beginning::SoonAfter(began) => run.requested >= began,
        Beginning::Unknown => true,
    }
}

fn overdue(run: &Run, now: Timestamp) -> Cow<'_, Run> {
    let (limit, loss) = match run.state {
        RunState::Sent => (SENT_FOR, Loss::Undelivered),
        RunState::Running => (RUNNING_FOR, Loss::TimedOut),
        RunState::Reported { .. } | RunState::Lost { .. } => return Cow::Borrowed(run),
    };
    let at = run.requested + limit;
    if now < at {
        return Cow::Borrowed(run);
    }
    Cow::Owned(Run { state: RunState::Lost { at, loss }, ..run.clone() })
}
