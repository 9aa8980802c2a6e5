//! One question, asked once. What was done for it before stands in SSM: a run whose comment names the question.

use lifecycle::policy::Checks;
use lifecycle::report::Report;
use lifecycle::run::{Loss, Run, RunState};
use serde_json::json;

use crate::answer::{Answer, NoReport};
use crate::confirm::confirm;
use crate::context::Context;
use crate::policy::read_policy;
use crate::readiness_run::{Comments, choose_wait, find_runs, start_run};
use crate::request::Request;

/// Told with a verdict, because such a verdict says little about the service.
const NOTHING_NAMED: &str =
    "neither the request nor the group's policy names checks: only the instance itself is looked at";

/// A request, and the comments of its run.
pub(crate) struct Question<'a> {
    request: &'a Request,
    comments: Comments,
    pub(crate) context: &'a Context<'a>,
}

impl<'a> Question<'a> {
    pub(crate) fn of(request: &'a Request, invocation: &str, context: &'a Context<'a>) -> Self {
        // Scripts of one lifecycle event may ask for different checks: the run of one is no answer to the other.
        let name = request.question.as_ref().map_or_else(|| json!({"invocation": invocation}), |name| json!(name));
        let question = json!([name, request.checks]).to_string();
        Self { request, comments: Comments::of(request, &question), context }
    }

    /// Whether the caller asks again while the answer is pending.
    pub(crate) fn is_asked_again(&self) -> bool {
        self.request.question.is_some()
    }

    /// Finds the run that was started for this question, or starts it.
    pub(crate) async fn ask(&self) -> Result<Answer, NoReport> {
        let (request, context) = (self.request, self.context);
        let found = context.within("finding the run", find_runs(request, &self.comments, context)).await?;
        let Some((run, nothing_named)) = choose(found) else { return Err(self.start().await) };
        let command = run.command;
        match run.state {
            RunState::Sent => Err(NoReport::Pending(format!("the instance has not taken the run {command} yet"))),
            RunState::Running => Err(NoReport::Pending(format!("the run {command} is in progress"))),
            RunState::Lost { loss, .. } => Err(NoReport::Inconclusive(tell_loss(loss, &command))),
            RunState::Reported { report, .. } => self.judge(report, nothing_named).await,
        }
    }

    /// A verdict is given only while the lifecycle event is in progress.
    async fn judge(&self, report: Report, nothing_named: bool) -> Result<Answer, NoReport> {
        self.confirm().await?;
        let notes = nothing_named.then(|| NOTHING_NAMED.to_owned());
        Ok(Answer::of_report(report, notes.into_iter().collect()))
    }

    /// Starts the run, and says why there is no report yet.
    async fn start(&self) -> NoReport {
        let started = self.try_to_start().await;
        started.map_or_else(|why| why, |command| NoReport::Pending(format!("the run {command} was started")))
    }

    async fn try_to_start(&self) -> Result<String, NoReport> {
        let (request, context) = (self.request, self.context);
        self.confirm().await?;
        let policy = context.within("reading the policy", read_policy(request, &context.aws, context.config)).await?;
        let comment = self.comments.choose(policy.checks == Checks::default());
        let wait = choose_wait(request, context.budget.left());
        context.within("starting the run", start_run(request, &policy, wait, comment, context)).await
    }

    async fn confirm(&self) -> Result<(), NoReport> {
        self.context.within("asking CodeDeploy", confirm(self.request, &self.context.aws)).await
    }
}

/// The run that counts, of several with the same comment. There are several if SSM listed the first one late
/// (aws-facts 6.4). While one of them is in progress, only a ready report is waited for no longer.
fn choose(newest_first: Vec<(Run, bool)>) -> Option<(Run, bool)> {
    let find = |is: fn(&Run) -> bool| newest_first.iter().position(|(run, _)| is(run));
    let is_ready = |at: &usize| {
        let run = newest_first.get(*at).map(|(run, _)| run);
        run.and_then(Run::report).is_some_and(|(_, report)| report.ready)
    };
    let reported = find(|run| run.report().is_some());
    let chosen = reported.filter(is_ready).or(find(Run::is_in_progress)).or(reported).unwrap_or_default();
    newest_first.into_iter().nth(chosen)
}

fn tell_loss(loss: Loss, command: &str) -> String {
    let how = match loss {
        Loss::Undelivered => "was not delivered: the SSM Agent does not take it",
        Loss::TimedOut => "was cut off: a check hangs",
        Loss::Cancelled => "was cancelled by somebody",
        Loss::Refused => "was refused: the platform or the permissions",
        Loss::Broken => "ended without a report: the probe itself broke",
    };
    format!("the run {command} {how}")
}

#[cfg(test)]
mod tests {
    use lifecycle::Timestamp;
    use lifecycle::run::Purpose;

    use super::*;

    fn run(command: &str, state: RunState) -> (Run, bool) {
        (Run { state, ..Run::sent(Purpose::Readiness, command.to_owned(), Timestamp::default()) }, false)
    }

    fn reported(ready: bool) -> RunState {
        let findings = json!([{"check": "ports", "code": "port-closed", "class": "transient", "detail": ""}]);
        let findings = if ready { json!([]) } else { findings };
        let report = json!({"v": 1, "ready": ready, "findings": findings}).to_string();
        RunState::Reported { at: Timestamp::default(), report: Report::read(&report).unwrap() }
    }

    #[test]
    fn of_two_runs_the_newest_report_counts_unless_the_other_may_still_be_ready() {
        let lost = || RunState::Lost { at: Timestamp::default(), loss: Loss::Cancelled };
        for (newer, older, chosen) in [
            (RunState::Running, reported(true), "older"),
            (RunState::Running, reported(false), "newer"),
            (reported(false), RunState::Sent, "older"),
            (reported(false), reported(true), "newer"),
            (reported(true), reported(false), "newer"),
            (lost(), reported(false), "older"),
            (lost(), RunState::Running, "older"),
            (lost(), lost(), "newer"),
        ] {
            let told = format!("{newer:?} {older:?}");
            let counts = choose(vec![run("newer", newer), run("older", older)]).unwrap();
            assert_eq!(counts.0.command, chosen, "{told}");
        }
        assert_eq!(choose(Vec::new()), None);
    }
}
