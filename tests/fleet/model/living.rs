//! What instances do by themselves as their stories say: they register, restart and die.

use std::sync::Arc;

use lifecycle::Timestamp;

use super::super::host::Host;
use super::super::story::Story;
use super::Fleet;
use super::schedule::Due;
use super::states::{Place, Step};
use super::timeline::What;

impl Fleet {
    /// Plans what the story says will happen by itself.
    pub(super) fn plan_story(&mut self, now: Timestamp, id: &str) {
        self.plan_registration(now, id);
        let Some(story) = self.story(id) else { return };
        if let Some(after) = story.dies {
            self.due.plan(now + after, Due::Dies { instance: id.to_owned() });
        }
        if let Some(after) = story.ssm.reboots() {
            self.due.plan(now + after, Due::Reboots { instance: id.to_owned() });
        }
    }

    fn plan_registration(&mut self, now: Timestamp, id: &str) {
        let Some(instance) = self.instances.get(id) else {
            return;
        };
        let session = instance.session();
        if let Some(after) = instance.story.registers {
            self.due.plan(now + after, Due::Registers { instance: id.to_owned(), session });
        }
    }

    /// A stopped pool instance is started: its agent must register and poll again (aws-facts 2.5).
    pub(super) fn restart(&mut self, now: Timestamp, id: &str) {
        let Some(instance) = self.instances.get_mut(id) else {
            return;
        };
        if instance.stopped() {
            instance.start(now);
            self.plan_registration(now, id);
        }
    }

    pub(super) fn registers(&mut self, now: Timestamp, id: &str, session: u32) {
        let Some(instance) = self.instances.get_mut(id) else {
            return;
        };
        if !instance.runs() || instance.session() != session {
            return;
        }
        let first = instance.register(now);
        self.note(now, id, What::Registered);
        if first && self.settings.registration_events {
            self.publish_registration(now, id);
        }
    }

    pub(super) fn dies(&mut self, now: Timestamp, id: &str) {
        let Some(instance) = self.instances.get_mut(id) else {
            return;
        };
        if !instance.runs() {
            return;
        }
        instance.dead = true;
        self.note(now, id, What::Died);
        let seen = now + self.settings.death_seen_after;
        self.due.plan(seen, Due::DeathSeen { instance: id.to_owned() });
    }

    /// The launch of an instance that died before it was in service fails; one in service is replaced.
    pub(super) fn death_is_seen(&mut self, now: Timestamp, id: &str) {
        let Some(instance) = self.instances.get_mut(id) else {
            return;
        };
        instance.healthy = false;
        let state = instance.state;
        if state.to == Place::Ec2 {
            return;
        }
        if state.step == Step::Arrived {
            self.terminate(now, id, "an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped");
        } else {
            self.fail_launch(now, id, "Instance became unhealthy while waiting for instance to be in InService state");
        }
    }

    /// What is true on an instance at a moment of its life.
    #[must_use]
    pub fn host(&self, instance: &str, now: Timestamp) -> Option<Host> {
        self.instances.get(instance).map(|instance| instance.host(now))
    }

    /// Whether any instance waits for a lifecycle action.
    #[must_use]
    pub fn has_waiting(&self) -> bool {
        self.instances.values().any(|instance| instance.state.step == Step::Waits)
    }

    /// The story that an instance lives.
    #[must_use]
    pub fn story(&self, instance: &str) -> Option<Arc<Story>> {
        self.instances.get(instance).map(|instance| Arc::clone(&instance.story))
    }
}
