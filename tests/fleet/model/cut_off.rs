//! Runs that SSM lists as in progress and hears nothing of (aws-facts 17).

use lifecycle::Timestamp;

use super::invocations::Invocation;
use super::steps::StepRun;

/// Why SSM does not hear from a run that it lists as in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CutOff {
    /// It goes on, and what comes of it is not told.
    Untold,
    /// Its step has no end, and no time-out ends it.
    Endless,
    /// A reboot has ended it.
    Lost,
}

impl Invocation {
    /// Whether it is at work on the instance, or waits there for another repair.
    pub(super) fn goes_on(&self) -> bool {
        self.state.runs() && !self.queued && self.cut_off != Some(CutOff::Lost) && self.current().is_some()
    }

    /// Whether a reboot ends it. Of one whose end is never told nothing more is heard after it either.
    pub(super) fn lost_by_reboot(&self) -> bool {
        self.state.runs() && matches!(self.cut_off, None | Some(CutOff::Endless))
    }

    /// Nothing of it goes on, and SSM does not know yet.
    pub(super) fn lose(&mut self) {
        self.cut_off = Some(CutOff::Lost);
        self.coming = None;
        self.waits_turn = false;
    }

    /// What was not told by now never will be, but why the agent has failed.
    pub(super) fn fail_by_agent(&mut self, now: Timestamp, why: &str) {
        let untold = self.untold();
        self.lose();
        self.cut_off = None;
        for (at, step) in self.steps.iter_mut().enumerate() {
            if at == 0 || untold || !step.state.ended() {
                *step = StepRun::new();
            }
        }
        if let Some(first) = self.steps.first_mut() {
            first.refuse(now, why.to_owned());
        }
    }

    pub(super) fn untold(&self) -> bool {
        self.cut_off == Some(CutOff::Untold)
    }

    /// The step at this place, as far as SSM was told.
    pub(crate) fn told_step(&self, at: usize) -> Option<&StepRun> {
        static UNTOLD: StepRun = StepRun::new();
        self.steps.get(at).map(|step| if self.untold() { &UNTOLD } else { step })
    }
}
