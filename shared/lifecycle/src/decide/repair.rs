//! Row 7: whether a repair may start, how long it may wait for its turn, and when repairs have been in vain.

use std::time::Duration;

use super::situation::{Row, Situation};
use crate::decision::{Action, LifecycleResult, Reason, Rule};
use crate::history::MOST_REPAIRS;
use crate::policy::AgentPolicy;
use crate::report::{Class, Finding, Report};
use crate::run::Run;
use crate::timestamp::Timestamp;
use crate::timing::repairs_until;

/// How long a repair may wait for the package lock, or for another run of the document. Only these steps are used, so
/// that many instances share one command. The longest outlasts the package transactions of a distribution's first boot.
const WAITS: [u64; 5] = [240, 120, 60, 30, 15];
/// The shortest wait that is worth a repair. With less, a repair that finds the lock taken has no second try.
const SHORTEST_WAIT: Duration = Duration::from_secs(15);
/// How long a repair takes if nobody holds the lock: it fetches and installs one package of some 30 MB in 20 to 40 s, and
/// starts the agent. A slower repair is not cut off; it is only not started with less time than this.
const REPAIR_TAKES: Duration = Duration::from_mins(1);
/// How long the proof takes: the command reaches the instance, the new worker counts as starting for up to 15 s, and the
/// report comes back. An instance that was mended but not looked at again would be abandoned.
const PROOF_TAKES: Duration = Duration::from_secs(30);
/// While one of these checks fails, start no repair: it needs network, metadata, credentials, clock and disk, and must
/// not collide with boot's package transaction. A repair that is spent on these would be missed later. A repair waits
/// for the package lock by itself, so that check is not listed.
const HINDRANCES: [&str; 6] = ["boot", "metadata", "credentials", "network", "clock", "disk"];

/// How long a look beside a repair waits after the one before it.
const BETWEEN_LOOKS: Duration = Duration::from_mins(1);

impl Situation<'_> {
    /// A repair is in progress. It may have mended the instance without SSM ever telling its end, so once it has taken
    /// longer than usual, looks that do not wait follow it every minute. The last one ended, or the repair began, `before`.
    pub(super) fn repairing(&self, repair: &Run, before: Timestamp) -> Row {
        let since = before.max(repair.requested + REPAIR_TAKES.saturating_sub(BETWEEN_LOOKS));
        let look = Action::Probe { wait: Duration::ZERO, offered: self.policy.mends() };
        let action = if self.now < since + BETWEEN_LOOKS { Action::Wait } else { look };
        (Rule::Repairable, action, Reason::Repairing)
    }

    /// Whether a finding in this report keeps a repair from starting.
    pub(super) fn is_hindered(report: &Report) -> bool {
        report.findings.iter().any(|finding| HINDRANCES.contains(&finding.check.as_str()))
    }

    /// Whether a repair leaves alone what this finding is about: an agent that nobody asks for, or that starts last.
    pub(super) fn leaves_alone(&self, finding: &Finding) -> bool {
        self.policy.agent != AgentPolicy::Required && finding.check == "agent"
    }

    /// How long a repair may wait for its turn, if one may start now and can still help. It may be one that `starts` the
    /// agent.
    pub(super) fn repair_wait(&self, run: &Run, starts: bool) -> Option<Duration> {
        if !self.has_repair_left(starts) {
            return None;
        }
        let left = repairs_until(self.seen, self.policy, run.launched, self.now)?.since(self.now);
        let fits = |wait: &Duration| *wait + REPAIR_TAKES + PROOF_TAKES <= left;
        WAITS.map(Duration::from_secs).into_iter().find(fits)
    }

    /// Whether the launch may have another repair. The first run that `starts` the agent is none of the two.
    fn has_repair_left(&self, starts: bool) -> bool {
        let first_start = starts && !self.history.has_started_agent();
        self.policy.mends() && (first_start || self.history.count_repairs() < MOST_REPAIRS)
    }

    /// Whether a repair may follow a readiness run that starts now, as far as is known.
    pub(super) fn offers_repair(&self) -> bool {
        let launched = self.history.newest().and_then(|run| run.launched);
        let deadline = repairs_until(self.seen, self.policy, launched, self.now);
        let in_time = |deadline: Timestamp| SHORTEST_WAIT + REPAIR_TAKES + PROOF_TAKES <= deadline.since(self.now);
        self.has_repair_left(self.policy.agent == AgentPolicy::Last) && deadline.is_none_or(in_time)
    }

    /// Whether to end the launch now because repairs do not help: the finding stood before each repair and after the last,
    /// and no transient finding stands beside it that may change that. This is strong evidence but no proof, unlike a
    /// fatal finding, so it does not apply if the owner chose `"on_deadline": "continue"`.
    pub(super) fn is_in_vain(&self, run: &Run, report: &Report, finding: &Finding) -> bool {
        let passes = report.findings.iter().any(|finding| finding.class == Class::Transient);
        let strict = self.policy.mends() && self.policy.on_deadline == LifecycleResult::Abandon;
        strict && !passes && self.history.survived(&finding.code, run)
    }
}
