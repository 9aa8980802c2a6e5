//! How the launches of a play ended, beside what their stories predict.

use std::fmt;

use serde_json::Value;

use super::Play;
use crate::fleet::What;
use crate::fleet::story::Story;

/// How one launch ended.
#[derive(Clone, Debug)]
pub struct End {
    /// The title of its story.
    pub story: String,
    /// `CONTINUE`, `ABANDON` or `NONE`; empty if it has not ended.
    pub result: String,
    /// The reason in the function's log; without the gate `heartbeat-timeout`.
    pub reason: String,
    /// Whether the story predicts this end; one without a prediction accepts any.
    pub predicted: bool,
    /// Seconds from the end of the last run to the verdict.
    pub to_verdict: Option<f64>,
}

/// How all launches ended.
#[derive(Clone, Debug)]
pub struct Ends(pub Vec<End>);

impl End {
    pub(super) fn of(play: &Play, instance: &str, story: &Story) -> Self {
        let line = play.settled.get(instance);
        let text = |name| line.and_then(|line| line.get(name)?.as_str()).unwrap_or_default().to_owned();
        let (result, reason) =
            if play.gated(story) { (text("decision"), text("reason")) } else { default(play, instance) };
        let predicted = story.expect.as_ref().is_none_or(|expect| expect.result == result && expect.reason == reason);
        let last = |happened: fn(&What) -> bool| {
            play.timeline.iter().rev().find(|entry| entry.instance == instance && happened(&entry.what))
        };
        let ended = last(|what| matches!(what, What::RunEnded { code: 0, .. }));
        let completed = last(|what| matches!(what, What::Completed { .. }));
        let to_verdict = ended.zip(completed).map(|(ended, done)| done.at.since(ended.at).as_secs_f64());
        Self { story: story.name.clone(), result, reason, predicted, to_verdict }
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

impl Play {
    /// Calls of AWS that the gate made, throttled ones included, by operation.
    #[must_use]
    pub fn calls(&self) -> Vec<(String, u64)> {
        // What the CLI and the deployment called is not the gate's.
        let ours = ["CompleteLifecycleAction", "RecordLifecycleActionHeartbeat", "SendCommand"];
        let calls = self.fleet.with(|fleet| fleet.calls().clone());
        let gates = calls.into_iter().filter(|((_, name), _)| {
            ours.contains(&name.as_str()) || name.starts_with("List") || name.starts_with("GetCommand") || is_read(name)
        });
        gates.map(|((_, name), calls)| (name, calls.made)).collect()
    }

    /// The line in the function's log that tells of this instance.
    #[must_use]
    pub fn line(&self, instance: &str) -> Option<&Value> {
        self.settled.get(instance)
    }
}

/// Without the gate there is no line: the hook has timed out, or nothing has ended yet.
fn default(play: &Play, instance: &str) -> (String, String) {
    let own = play.timeline.iter().filter(|entry| entry.instance == instance);
    let default = |what: &What| if let What::DefaultResult { result, .. } = what { Some(result.clone()) } else { None };
    let result = own.rev().find_map(|entry| default(&entry.what));
    result.map_or_else(Default::default, |result| (result, "heartbeat-timeout".to_owned()))
}

fn is_read(operation: &str) -> bool {
    operation.starts_with("Describe") && !operation.ends_with("Document")
}
