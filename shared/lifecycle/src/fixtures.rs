//! Words for the tests of this crate: an observation reads as the sentence that it is.

use std::time::Duration;

use crate::Timestamp;
use crate::event::Phase;
use crate::observation::{Beginning, Errand, Hook, Loss, Observation, Ping, Presence, Reading, Run, RunState};
use crate::report::{Class, Finding, Report};

/// When the lifecycle action of every fixture began.
pub(crate) const BEGAN: Timestamp = Timestamp::from_millis(1_800_000_000_000);
/// The visibility timeout of the launch queue.
pub(crate) const TICK: Duration = Duration::from_secs(15);

/// So many seconds after the beginning; before it, if negative.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(BEGAN.millis() + seconds * 1000)
}

/// A launch that has just been announced, nothing read yet.
pub(crate) fn launch() -> Observation {
    Observation::new(Beginning::At(BEGAN), None, TICK)
}

/// A launch whose instance waits, with everything read and nothing there yet.
pub(crate) fn waiting() -> Observation {
    Observation {
        presence: Reading::Known(Presence::Waiting(Phase::Service)),
        ping: Reading::Known(Ping::Never),
        runs: Reading::Known(vec![]),
        hook: Reading::Known(Some(hook(3600))),
        ..launch()
    }
}

/// The same, known to SSM.
pub(crate) fn talking() -> Observation {
    waiting().heard(at(20))
}

pub(crate) fn hook(heartbeat: u64) -> Hook {
    Hook {
        heartbeat_timeout: Duration::from_secs(heartbeat),
        global_timeout: Duration::from_secs((heartbeat * 100).min(172_800)),
    }
}

impl Observation {
    pub(crate) fn heard(self, moment: Timestamp) -> Self {
        Self { ping: Reading::Known(Ping::Heard { online: true, at: moment }), ..self }
    }

    /// Adds runs, newest first.
    pub(crate) fn ran(self, runs: impl IntoIterator<Item = Run>) -> Self {
        Self { runs: Reading::Known(runs.into_iter().collect()), ..self }
    }

    pub(crate) fn begun(self, beginning: Beginning) -> Self {
        Self { beginning, ..self }
    }
}

/// A readiness run, asked for at this second.
pub(crate) fn run(requested: i64, state: RunState) -> Run {
    Run {
        errand: Errand::Readiness,
        command: format!("command-{requested}"),
        step: None,
        launched: None,
        phase: None,
        requested: at(requested),
        state,
    }
}

/// A repair, asked for at this second.
pub(crate) fn repair(requested: i64, state: RunState) -> Run {
    Run { errand: Errand::Repair, ..run(requested, state) }
}

pub(crate) fn ready(ended: i64) -> RunState {
    RunState::Reported { at: at(ended), report: report([]) }
}

pub(crate) fn found<const N: usize>(ended: i64, findings: [(&str, &str, Class); N]) -> RunState {
    RunState::Reported { at: at(ended), report: report(findings) }
}

pub(crate) fn lost(ended: i64, loss: Loss) -> RunState {
    RunState::Lost { at: at(ended), loss }
}

pub(crate) fn report<const N: usize>(findings: [(&str, &str, Class); N]) -> Report {
    let finding = |(check, code, class): (&str, &str, Class)| Finding {
        check: check.into(),
        code: code.into(),
        class,
        detail: String::new(),
    };
    Report { v: 1, ready: N == 0, waited_s: 0, agent: None, findings: findings.map(finding).into(), installed: None }
}
