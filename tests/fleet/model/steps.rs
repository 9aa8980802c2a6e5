//! The steps of a document: how a step ends, and whether the next one begins. As in the SSM Agent (amazon-ssm-agent
//! agent/framework/runpluginutil/runpluginutil.go, agent/contracts/aggregator.go).

use lifecycle::Timestamp;

use super::super::outputs::{head, plugin_output};
use super::invocations::{RunState, Said};

/// amazon-ssm-agent agent/contracts/model.go: the step has succeeded, and the rest of the document is skipped.
const EXIT_WITH_SUCCESS: i64 = 168;
/// The same, and it has failed.
const EXIT_WITH_FAILURE: i64 = 169;
/// amazon-ssm-agent agent/executers/executers.go: a script that was stopped at its time-out.
const STOPPED: i64 = 137;

/// One step of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) name: String,
    pub(super) action: String,
    pub(super) does: Does,
    /// Seconds, or a placeholder for a parameter.
    pub(super) timeout: String,
    /// `exit` or `successAndExit`.
    pub(super) on_failure: String,
    /// `exit`.
    pub(super) on_success: String,
    /// The last step with this runs whatever the others said.
    pub(super) finally: bool,
    /// The platform of its precondition.
    pub(super) platform: Option<String>,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// `aws:runShellScript`.
    Script(String),
    /// `aws:configurePackage` with this package.
    Package(String),
    /// What the fleet has no plugin for.
    Unknown,
}

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepState {
    Pending,
    InProgress,
    Success,
    Failed,
    TimedOut,
    Skipped,
}

impl StepState {
    pub(crate) fn ended(self) -> bool {
        !matches!(self, Self::Pending | Self::InProgress)
    }
}

/// One step of one run.
pub(crate) struct StepRun {
    pub(crate) state: StepState,
    /// -1 until it has ended (aws-facts 6.4).
    pub(crate) code: i64,
    pub(crate) started: Option<Timestamp>,
    pub(crate) ended: Option<Timestamp>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// What `ListCommandInvocations` shows.
    pub(crate) output: String,
}

impl StepRun {
    pub(super) const fn new() -> Self {
        Self {
            state: StepState::Pending,
            code: -1,
            started: None,
            ended: None,
            stdout: String::new(),
            stderr: String::new(),
            output: String::new(),
        }
    }

    fn close(&mut self, now: Timestamp, state: StepState, code: i64) {
        self.started.get_or_insert(now);
        (self.state, self.code, self.ended) = (state, code, Some(now));
    }

    /// The step has said its last. The agent's sentences come after what was said, and not into `Output`, which it made
    /// before; of a success by 168 it drops the errors (runpluginutil.go, iohandler.go).
    pub(super) fn end(&mut self, now: Timestamp, step: &Step, said: Said) {
        let Said { code, stdout, mut stderr } = said;
        // amazon-ssm-agent agent/plugins/runscript/runscript.go.
        if code != 0 && matches!(step.does, Does::Script(_)) {
            stderr = format!("{stderr}failed to run commands: exit status {code}");
        }
        self.output = plugin_output(&stdout, if code == EXIT_WITH_SUCCESS { "" } else { &stderr });
        (self.stdout, self.stderr) = (stdout, stderr);
        self.close(now, if code == 0 { StepState::Success } else { StepState::Failed }, code);
        self.control_flow(step);
        // The first 24,000 and 8,000 characters are kept, the head and not the tail (aws-facts 6.4).
        self.stdout = head(&self.stdout, 24_000);
        self.stderr = head(&self.stderr, 8_000);
    }

    fn control_flow(&mut self, step: &Step) {
        const SKIPPED: &str = "Further document steps will be skipped.";
        if self.code == EXIT_WITH_SUCCESS {
            self.state = StepState::Success;
            self.stderr.clear();
            self.stdout.push_str("\nStep exited with code 168. Therefore, marking step as succeeded. ");
            self.stdout.push_str(SKIPPED);
        } else if self.code == EXIT_WITH_FAILURE {
            self.add(&format!("\nStep exited with code 169. Therefore, marking step as Failed. {SKIPPED}"));
        } else if self.state == StepState::Failed && ["exit", "successAndExit"].contains(&step.on_failure.as_str()) {
            self.add(&format!("\nStep was found to have onFailure property. {SKIPPED}"));
            if step.on_failure == "successAndExit" {
                (self.state, self.code) = (StepState::Success, EXIT_WITH_SUCCESS);
            }
        }
    }

    fn add(&mut self, sentence: &str) {
        self.stdout.push_str(sentence);
        self.stderr.push_str(sentence);
    }

    /// Stopped by the agent, which goes on with the next step all the same.
    pub(super) fn time_out(&mut self, now: Timestamp) {
        self.close(now, StepState::TimedOut, STOPPED);
    }

    /// Why it does not run stands in `Output` alone.
    pub(super) fn skip(&mut self, now: Timestamp, why: String) {
        self.close(now, StepState::Skipped, 0);
        self.output = why;
    }

    /// The agent cannot run it. A failure without a code is told as 1 (aggregator.go).
    pub(super) fn refuse(&mut self, now: Timestamp, why: String) {
        self.close(now, StepState::Failed, 1);
        self.output = why;
    }
}

/// Why the agent passes over the step at this place, if it does.
pub(super) fn skipped(steps: &[Step], runs: &[StepRun], at: usize) -> Option<String> {
    let step = steps.get(at)?;
    let left = steps.iter().zip(runs).take(at).any(|(step, run)| {
        [EXIT_WITH_SUCCESS, EXIT_WITH_FAILURE].contains(&run.code)
            || run.state == StepState::Failed && step.on_failure == "exit"
            || run.state == StepState::Success && step.on_success == "exit"
    });
    let last = at + 1 == steps.len();
    if left && !(step.finally && last) {
        let Step { action, name, .. } = step;
        return Some(format!(
            "Plugin with name {action} and id {name} skipped due to prior step with an exit condition"
        ));
    }
    let other = step.platform.as_ref().filter(|platform| !platform.eq_ignore_ascii_case("linux"))?;
    let Step { name, .. } = step;
    Some(format!(
        "Step execution skipped due to unsatisfied preconditions: '\"StringEquals\": [platformType, {other}]'. Step name: {name}"
    ))
}

/// Why the agent cannot run the step, if it cannot.
pub(super) fn refused(step: &Step) -> Option<String> {
    let Step { action, name, .. } = step;
    (step.does == Does::Unknown).then(|| {
        format!("Plugin with name {action} is not supported by this version of ssm agent, please update to latest version. Step name: {name}")
    })
}

/// How a run stands whose steps have all ended: `Failed` weighs most, then `TimedOut`; skipped is a form of success
/// (aggregator.go). So a failed step makes it `Failed`, whatever the steps after it achieve.
pub(super) fn aggregate(runs: &[StepRun]) -> RunState {
    let any = |state: StepState| runs.iter().any(|run| run.state == state);
    if any(StepState::Failed) {
        RunState::Failed
    } else if any(StepState::TimedOut) {
        RunState::ExecutionTimedOut
    } else {
        RunState::Success
    }
}
