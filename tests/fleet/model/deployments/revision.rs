//! A script of a revision that really runs. The model hands it out and takes its end back; it runs nothing itself.

use lifecycle::Timestamp;

use super::super::Fleet;
use super::agent::LIFECYCLE_EVENTS;
use super::{EventId, Progress};

/// A script that the agent of an instance runs now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionScript {
    /// `DEPLOYMENT_ID` in its environment (aws-facts 4.1).
    pub deployment: String,
    /// Where it runs.
    pub instance: String,
    /// `LIFECYCLE_EVENT` in its environment.
    pub lifecycle_event: &'static str,
}

impl Fleet {
    /// The scripts that began since the last call.
    pub fn take_revision_scripts(&mut self) -> Vec<RevisionScript> {
        std::mem::take(&mut self.revision_scripts)
    }

    pub(super) fn begin_revision_script(&mut self, event: &EventId, lifecycle_event: &'static str) {
        let (deployment, instance) = (event.deployment.clone(), event.target.clone());
        self.revision_scripts.push(RevisionScript { deployment, instance, lifecycle_event });
    }

    /// A script has ended with this exit code and these lines. Nothing happens if its lifecycle event is over.
    pub fn finish_revision_script(&mut self, now: Timestamp, script: &RevisionScript, code: i64, output: &str) {
        self.advance(now);
        let Some(number) = LIFECYCLE_EVENTS.iter().position(|event| *event == script.lifecycle_event) else { return };
        let event = EventId { deployment: script.deployment.clone(), target: script.instance.clone(), number };
        let Some((name, deploys)) = self.deploys(&event) else { return };
        let failed = deploys.failed(name, code, output);
        if self.event_mut(&event, Progress::InProgress).is_none() {
            return;
        }
        if code == 0 { self.event_succeeds(now, event) } else { self.event_fails(now, &event, Some(failed)) }
    }
}
