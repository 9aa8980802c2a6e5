//! What a story says about the SSM Agent: which runs it never ends or fails by itself, and when it takes none.

use std::time::Duration;

use serde::Deserialize;

use super::course::Course;
use super::times::Seconds;

/// The table `ssm` of a story; without one the agent runs every command at once and tells how it ended.
/// Runs are counted as they begin on the instance, from 1; repairs are counted by themselves.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Ssm {
    /// Readiness runs that SSM lists as `InProgress` for ever, although the script ends.
    stuck_runs: Vec<usize>,
    /// The same of repairs, which mend all the same.
    stuck_repairs: Vec<usize>,
    /// Readiness runs whose document worker is killed.
    failed_runs: Vec<usize>,
    /// The same of repairs, which mend all the same.
    failed_repairs: Vec<usize>,
    /// While its disk is full no script starts.
    disk_full: Course<bool>,
    /// While five other commands occupy it, no command begins.
    busy: Option<(Seconds, Seconds)>,
    /// When the machine goes down, to come up again after [`REBOOT`].
    reboots: Option<Seconds>,
}

/// What becomes of a run in the hands of the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It ends, and its end is told.
    Told,
    /// Its end is never told.
    Stuck,
    /// The agent tells that it failed, whatever the script says.
    Failed,
}

/// How long a machine is down for a reboot. The number is the fleet's own.
pub(crate) const REBOOT: Duration = Duration::from_secs(20);

impl Default for Ssm {
    fn default() -> Self {
        Self {
            stuck_runs: Vec::new(),
            stuck_repairs: Vec::new(),
            failed_runs: Vec::new(),
            failed_repairs: Vec::new(),
            disk_full: Course::new(),
            busy: None,
            reboots: None,
        }
    }
}

impl Ssm {
    /// What becomes of the run, or the repair, at this place; the first is 0.
    pub(crate) fn fate(&self, mends: bool, place: usize) -> Fate {
        let (stuck, failed) =
            if mends { (&self.stuck_repairs, &self.failed_repairs) } else { (&self.stuck_runs, &self.failed_runs) };
        let told = |places: &[usize]| places.contains(&(place + 1));
        match (told(stuck), told(failed)) {
            (true, _) => Fate::Stuck,
            (false, true) => Fate::Failed,
            (false, false) => Fate::Told,
        }
    }

    /// Whether the agent can start no script when the instance has run for `at`.
    pub(crate) fn disk_full(&self, at: Duration) -> bool {
        self.disk_full.at(at).unwrap_or(false)
    }

    /// Until when other commands occupy it, if they do.
    pub(crate) fn busy_until(&self, at: Duration) -> Option<Duration> {
        self.busy.filter(|(from, to)| from.0 <= at && at < to.0).map(|(_, to)| to.0)
    }

    /// When the machine goes down.
    pub(crate) fn reboots(&self) -> Option<Duration> {
        self.reboots.map(Into::into)
    }

    /// Whether the machine is down for a reboot.
    pub(crate) fn down(&self, at: Duration) -> bool {
        self.reboots.is_some_and(|from| from.0 <= at && at < from.0 + REBOOT)
    }

    /// What serde cannot see.
    pub(super) fn check(&self) -> Result<(), String> {
        let lists = [&self.stuck_runs, &self.stuck_repairs, &self.failed_runs, &self.failed_repairs];
        if lists.into_iter().flatten().any(|number| *number == 0) {
            return Err("`ssm` counts runs and repairs from 1, so none of them is 0".to_owned());
        }
        Ok(())
    }
}
