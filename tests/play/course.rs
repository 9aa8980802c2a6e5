//! What happened to one instance, as a row of a timeline: the states between its entries, and the events.

use std::collections::BTreeMap;

use lifecycle::Timestamp;

use crate::fleet::{By, Entry, What};
use crate::timeline::{Mark, Row, Span, State};

/// The time that a lane shows.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    pub(super) began: Timestamp,
    pub(super) until: Timestamp,
}

impl Shown {
    fn seconds(self, at: Timestamp) -> f64 {
        at.since(self.began).as_secs_f64()
    }
}

/// The row of one instance, from its own entries. Its story, its group and its end are the caller's.
pub(super) fn tell_course(instance: &str, own: &[&Entry], shown: Shown) -> Row {
    let mut standing = Standing::default();
    let mut spans: Vec<Span> = Vec::new();
    for (number, entry) in own.iter().enumerate() {
        standing.hear(&entry.what);
        let next = own.get(number + 1).map_or(shown.until, |next| next.at);
        let (from, to) = (shown.seconds(entry.at), shown.seconds(next));
        let Some(state) = standing.state().filter(|_| to > from) else { continue };
        match spans.last_mut().filter(|last| last.state == state && last.to >= from) {
            Some(last) => last.to = to,
            None => spans.push(Span { from, to, state }),
        }
    }
    let marks = own.iter().filter_map(|entry| {
        let event = name_event(&entry.what)?;
        Some(Mark { at: shown.seconds(entry.at), event: event.to_owned() })
    });
    let (story, group, end) = <(String, String, String)>::default();
    Row { instance: instance.to_owned(), story, group, spans, marks: marks.collect(), end }
}

/// How an instance stands.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
struct Standing {
    launched: bool,
    /// The open commands; true: it is a repair.
    runs: BTreeMap<String, bool>,
    deployments: usize,
    in_pool: bool,
    in_service: bool,
    ended: bool,
}

impl Standing {
    fn hear(&mut self, what: &What) {
        match what {
            What::Launched { .. } => self.launched = true,
            What::RunSent { command, document } => {
                let repairs = document.to_ascii_lowercase().contains("install");
                self.runs.insert(command.clone(), repairs);
            }
            What::RunEnded { command, .. } => drop(self.runs.remove(command)),
            What::Deploys { .. } => self.deployments += 1,
            What::Deployed { .. } => self.deployments = self.deployments.saturating_sub(1),
            What::InPool { .. } => self.in_pool = true,
            What::LeavesPool => self.in_pool = false,
            What::InService => self.in_service = true,
            What::Died | What::Terminating { .. } | What::Terminated => self.ended = true,
            What::Waits { .. }
            | What::Registered
            | What::Repaired
            | What::Heartbeat { .. }
            | What::Completed { .. }
            | What::DefaultResult { .. }
            | What::HookDeleted { .. }
            | What::AgentTakes { .. }
            | What::Reboots => (),
        }
    }

    /// What counts most. An instance that rests in the warm pool is in no state.
    fn state(&self) -> Option<State> {
        let open = |repairs: bool| self.runs.values().any(|repair| *repair == repairs);
        let states = [
            (self.ended, State::Ended),
            (self.in_service, State::InService),
            (open(true), State::Repairing),
            (open(false), State::Run),
            (self.deployments > 0, State::WaitingForCodedeploy),
        ];
        let counts = states.into_iter().find(|(is, _)| *is).map(|(_, state)| state);
        counts.or_else(|| (self.launched && !self.in_pool).then_some(State::Booting))
    }
}

/// The events that a timeline marks. What a state shows by its colour has no mark of its own.
fn name_event(what: &What) -> Option<&'static str> {
    match what {
        What::Registered => Some("registered with SSM"),
        What::Heartbeat { by: By::Token | By::Instance, .. } => Some("heartbeat"),
        What::Completed { result, by: By::Token | By::Instance, .. } if result == "CONTINUE" => Some("CONTINUE"),
        What::Completed { by: By::Token | By::Instance, .. } => Some("ABANDON"),
        What::DefaultResult { .. } => Some("hook timed out"),
        What::HookDeleted { .. } => Some("hook deleted"),
        What::Deployed { status, .. } if status == "Succeeded" => Some("deployment succeeded"),
        What::Deployed { status, .. } if status == "Failed" => Some("deployment failed"),
        What::Deployed { .. } => Some("deployment stopped"),
        What::Died => Some("terminated from outside"),
        What::Heartbeat { .. }
        | What::Completed { .. }
        | What::Launched { .. }
        | What::Waits { .. }
        | What::RunSent { .. }
        | What::RunEnded { .. }
        | What::Repaired
        | What::Deploys { .. }
        | What::AgentTakes { .. }
        | What::InService
        | What::InPool { .. }
        | What::LeavesPool
        | What::Reboots
        | What::Terminating { .. }
        | What::Terminated => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn row(entries: &[(u64, What)]) -> Row {
        let began = Timestamp::default();
        let at = |seconds: u64| began + Duration::from_secs(seconds);
        let entry =
            |(seconds, what): &(u64, What)| Entry { at: at(*seconds), instance: "i-1".into(), what: what.clone() };
        let own: Vec<Entry> = entries.iter().map(entry).collect();
        tell_course("i-1", &own.iter().collect::<Vec<_>>(), Shown { began, until: at(100) })
    }

    fn states(entries: &[(u64, What)]) -> Vec<(u64, u64, State)> {
        let whole = |seconds: f64| Duration::from_secs_f64(seconds).as_secs();
        row(entries).spans.iter().map(|span| (whole(span.from), whole(span.to), span.state)).collect()
    }

    fn sent(command: &str, document: &str) -> What {
        What::RunSent { command: command.into(), document: document.into() }
    }

    fn ended(command: &str) -> What {
        let (document, details) = ("any".into(), "Success".into());
        What::RunEnded { command: command.into(), document, details, code: 0, only_agent: false }
    }

    fn launched() -> What {
        What::Launched { group: "web".into(), story: "any".into() }
    }

    #[test]
    fn a_repair_counts_more_than_a_run_and_a_run_more_than_a_deployment() {
        let deployment = || "d-1".to_owned();
        let lived = states(&[
            (0, launched()),
            (5, What::Deploys { deployment: deployment() }),
            (10, sent("c-1", "launchgate-ReadinessDocument")),
            (20, sent("c-2", "launchgate-InstallDocument")),
            (30, ended("c-2")),
            (40, ended("c-1")),
            (50, What::Deployed { deployment: deployment(), status: "Succeeded".into() }),
            (60, What::InService),
            (70, sent("c-3", "launchgate-ReadinessDocument")),
        ]);
        let expected = [
            (0, 5, State::Booting),
            (5, 10, State::WaitingForCodedeploy),
            (10, 20, State::Run),
            (20, 30, State::Repairing),
            (30, 40, State::Run),
            (40, 50, State::WaitingForCodedeploy),
            (50, 60, State::Booting),
            (60, 100, State::InService),
        ];
        assert_eq!(lived, expected);
    }

    #[test]
    fn rest_in_the_warm_pool_is_no_state_and_death_is_the_end() {
        let lived = states(&[
            (0, launched()),
            (10, What::InPool { state: "Warmed:Stopped".into() }),
            (30, What::LeavesPool),
            (40, What::Died),
            (70, What::Terminating { why: "died".into() }),
        ]);
        assert_eq!(lived, [(0, 10, State::Booting), (30, 40, State::Booting), (40, 100, State::Ended)]);
    }

    #[test]
    fn the_gates_own_acts_are_marked_and_codedeploys_are_not() {
        let completed = |by: By| What::Completed { hook: "any".into(), result: "CONTINUE".into(), by };
        let marks = row(&[(0, launched()), (7, completed(By::CodeDeploy)), (9, completed(By::Token))]).marks;
        assert_eq!(marks, [Mark { at: 9.0, event: "CONTINUE".into() }]);
    }
}
