//! Runs that SSM lists as in progress and hears nothing of (aws-facts 17).

use lifecycle::Timestamp;

use super::super::steps::StepRun;
use super::Invocation;

/// Why SSM does not hear from a run that it lists as in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum CutOff {
    /// It goes on, and what comes of it is not told.
    Untold,
    /// Its step has no end, and no time-out ends it.
    Endless,
    /// A reboot has ended it.
    Lost,
}

impl Invocation {
    /// Whether it is at work on the instance, or waits there for another repair.
    pub(in super::super) fn goes_on(&self) -> bool {
        self.state.runs() && !self.queued && self.cut_off != Some(CutOff::Lost) && self.current().is_some()
    }

    /// A reboot ends it, and SSM does not know yet; says whether the agent will. Of one whose end is never told nothing
    /// is heard after the reboot either.
    pub(in super::super) fn lose(&mut self, now: Timestamp) -> bool {
        if !self.state.runs() {
            return false;
        }
        self.stop();
        if self.untold() {
            self.steps.iter_mut().filter(|step| !step.state.ended()).for_each(|step| step.time_out(now));
            return false;
        }
        self.cut_off = Some(CutOff::Lost);
        true
    }

    fn stop(&mut self) {
        self.coming = None;
        self.waits_turn = false;
    }

    /// What was not told by now never will be, but why the agent has failed.
    pub(in super::super) fn fail_by_agent(&mut self, now: Timestamp, why: &str) {
        let untold = self.untold();
        self.stop();
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
