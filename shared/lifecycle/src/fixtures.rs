//! Builds observations and runs for the tests of this crate.

use std::time::Duration;

use crate::event::Destination;
use crate::observation::{Beginning, GroupHooks, Hook, LifecycleState, Observation, Ping, Reading};
use crate::report::{Class, Finding, Report};
use crate::run::{Loss, Purpose, Run, RunState};
use crate::timestamp::Timestamp;

/// When the lifecycle action of every fixture began.
pub(crate) const BEGAN: Timestamp = Timestamp::from_millis(1_800_000_000_000);
/// The visibility timeout of the launch queue.
pub(crate) const TICK: Duration = Duration::from_secs(30);
/// How long every run of the fixtures may wait on the instance.
pub(crate) const WAIT: Duration = Duration::from_mins(4);

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
        lifecycle_state: Reading::Known(LifecycleState::Waiting(Destination::Service)),
        ping: Reading::Known(Ping::Never),
        runs: Reading::Known(vec![]),
        hooks: hooked(3600),
        ..launch()
    }
}

/// The same, known to SSM.
pub(crate) fn talking() -> Observation {
    waiting().heard(at(20))
}

/// The hooks of a group with ours alone, of this heartbeat timeout in seconds.
pub(crate) fn hooked(heartbeat: u64) -> Reading<GroupHooks> {
    let ours = Hook {
        heartbeat_timeout: Duration::from_secs(heartbeat),
        global_timeout: Duration::from_secs((heartbeat * 100).min(172_800)),
    };
    Reading::Known(GroupHooks { ours: Some(ours), of_codedeploy: Vec::new() })
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
        purpose: Purpose::Readiness,
        command: format!("command-{requested}"),
        step: None,
        output: None,
        launched: None,
        destination: None,
        wait: Some(WAIT),
        requested: at(requested),
        state,
    }
}

/// A readiness run that does not wait, asked for at this second.
pub(crate) fn glance(requested: i64, state: RunState) -> Run {
    Run { wait: Some(Duration::ZERO), ..run(requested, state) }
}

/// A repair, asked for at this second.
pub(crate) fn repair(requested: i64, state: RunState) -> Run {
    Run { purpose: Purpose::Repair, ..run(requested, state) }
}

/// A start of the agent, asked for at this second.
pub(crate) fn start(requested: i64, state: RunState) -> Run {
    Run { purpose: Purpose::StartAgent, ..run(requested, state) }
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
    Report {
        v: 1,
        ready: N == 0,
        waited_s: 0,
        agent: None,
        agent_early: false,
        findings: findings.map(finding).into(),
        installed: None,
    }
}
