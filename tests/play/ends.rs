//! How the launches of a play ended, compared with what their stories predict.

use std::fmt;

use serde_json::Value;

use crate::fleet::story::{Expect, Story};
use crate::fleet::{By, Entry, What};

/// How one launch ended.
#[derive(Clone, Debug)]
pub struct End {
    /// The title of its story.
    pub story: String,
    /// `CONTINUE`, `ABANDON` or `NONE`; empty if it has not ended.
    pub result: String,
    /// The reason in the function's log; without the gate `deployment-failed` or `heartbeat-timeout`.
    pub reason: String,
    /// Whether the story predicts this end; one without a prediction accepts any.
    pub predicted: bool,
    /// Seconds from the end of the last run to the verdict.
    pub to_verdict: Option<f64>,
    /// What became of its deployment, if it had one.
    pub deployment: Option<String>,
    /// Seconds from our verdict to the end of its deployment, if that came after.
    pub to_stop: Option<f64>,
}

/// How all launches ended.
#[derive(Clone, Debug)]
pub struct Ends(pub Vec<End>);

impl End {
    /// The end of the launch of one instance, from its part of the timeline and the line that the gate wrote about it.
    /// Without the gate there is no line.
    pub(super) fn of(own: &[&Entry], line: Option<&Value>, gated: bool, story: &Story) -> Self {
        let text = |name| line.and_then(|line| line.get(name)?.as_str()).unwrap_or_default().to_owned();
        let (result, reason) = if gated { (text("decision"), text("reason")) } else { default(own) };
        let last = |happened: fn(&What) -> bool| own.iter().rev().find(|entry| happened(&entry.what));
        let deployed = last(|what| matches!(what, What::Deployed { .. }));
        let deployment = deployed.and_then(|entry| status(&entry.what)).map(str::to_owned);
        let ended = last(|what| matches!(what, What::RunEnded { code: 0, .. }));
        let completed = last(|what| matches!(what, What::Completed { by: By::Token | By::Instance, .. }));
        let after = deployed.zip(completed).filter(|(over, done)| over.at >= done.at);
        let to_stop = after.map(|(over, done)| over.at.since(done.at).as_secs_f64());
        let to_verdict = ended.zip(completed).map(|(ended, done)| done.at.since(ended.at).as_secs_f64());
        let story_name = story.name.clone();
        let end = Self { story: story_name, result, reason, predicted: true, to_verdict, deployment, to_stop };
        Self { predicted: story.expect.as_ref().is_none_or(|expect| end.is(expect)), ..end }
    }

    fn is(&self, expect: &Expect) -> bool {
        let deployment = expect.deployment.is_none() || expect.deployment == self.deployment;
        let stopped = |within: u32| self.to_stop.is_some_and(|seconds| seconds <= f64::from(within));
        let verdict = expect.result == self.result && expect.reason == self.reason;
        verdict && deployment && expect.stopped_within.is_none_or(stopped)
    }
}

impl Ends {
    /// The launches that did not end as their stories predict.
    pub fn unpredicted(&self) -> impl Iterator<Item = &End> {
        self.0.iter().filter(|end| !end.predicted)
    }

    /// Seconds from ready to CONTINUE, in order.
    #[must_use]
    pub fn to_continue(&self) -> Vec<f64> {
        let mut seconds: Vec<f64> =
            self.0.iter().filter(|end| end.result == "CONTINUE").filter_map(|end| end.to_verdict).collect();
        seconds.sort_by(f64::total_cmp);
        seconds
    }

    /// How many ended with each result and reason, the most frequent first.
    #[must_use]
    pub fn tally(&self) -> Vec<(String, usize)> {
        let mut tally: Vec<(String, usize)> = Vec::new();
        for end in &self.0 {
            let name = end.to_string();
            match tally.iter_mut().find(|(known, _)| *known == name) {
                Some((_, count)) => *count += 1,
                None => tally.push((name, 1)),
            }
        }
        tally.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        tally
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.result.as_str() {
            "" => f.write_str("still open"),
            "NONE" => write!(f, "no verdict: {}", self.reason),
            result => write!(f, "{result}: {}", self.reason),
        }
    }
}

/// Without the gate there is no line: `CodeDeploy` has completed its hook, or that has timed out, or nothing has ended yet.
fn default(own: &[&Entry]) -> (String, String) {
    own.iter().rev().find_map(|entry| without_gate(&entry.what)).unwrap_or_default()
}

fn without_gate(what: &What) -> Option<(String, String)> {
    if let What::DefaultResult { result, .. } = what {
        return Some((result.clone(), "heartbeat-timeout".to_owned()));
    }
    let What::Completed { result, .. } = what else { return None };
    let reason = if result == "CONTINUE" { "deployment-succeeded" } else { "deployment-failed" };
    Some((result.clone(), reason.to_owned()))
}

fn status(what: &What) -> Option<&str> {
    if let What::Deployed { status, .. } = what { Some(status) } else { None }
}
