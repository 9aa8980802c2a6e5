//! A batch of messages, sorted into looks.
//!
//! A message that cannot be read is logged and dropped: it would read no better the next time, and it must not cost its
//! neighbours their looks.

use std::collections::BTreeMap;

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use lifecycle::event::{DeploymentSuccess, Event, Home, LaunchAction, News, Nudge, parse};
use lifecycle::identity::{InstanceId, Token};
use lifecycle::observation::{Ping, Reading};
use tracing::{info, warn};

use crate::config::Config;
use crate::look::{Decided, Look, Progress};
use crate::message::{Message, MessageKind};

/// What a batch asks for, and how far its looks have come.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The looks that have no decision yet.
    pub(crate) looks: Vec<Look>,
    pub(crate) decided: Vec<Decided>,
    /// The deployments that have succeeded.
    pub(crate) deployed: Vec<Deployed>,
    /// The messages that ask for a sweep.
    pub(crate) sweeps: Vec<Message>,
    /// Whether the sweep has looked at everything that waits.
    pub(crate) swept: bool,
    pub(crate) messages: usize,
    pub(crate) dropped: usize,
    /// How many launches have a policy that cannot be read. Each is counted with the first receive of its message.
    pub(crate) bad_policies: usize,
    /// How many instances should have got a run that AWS refused for a reason that is not theirs.
    pub(crate) refused_runs: usize,
}

/// A deployment that has succeeded, and how far the look at its copied group has come.
#[derive(Debug)]
pub(crate) struct Deployed {
    pub(crate) success: DeploymentSuccess,
    pub(crate) messages: Vec<Message>,
    pub(crate) progress: Progress,
}

/// Tells launches apart. The instance alone does not: it may have two lifecycle actions in turn.
type Key = (InstanceId, Option<Token>);

impl Batch {
    /// Sorts these messages. Those from another Region or account than `home` are dropped. If the queue is `busy`, so are
    /// registrations: each launch message returns within a tick, and starts its run together with up to 49 others.
    pub(crate) fn open(event: &SqsEvent, home: Option<&Home>, busy: bool, config: &Config) -> Self {
        let mut batch = Self { messages: event.records.len(), ..Self::default() };
        let mut launches: BTreeMap<Key, Look> = BTreeMap::new();
        let mut nudges: Vec<(Nudge, Message)> = Vec::new();
        for message in &event.records {
            let (id, receives) = (message.message_id.clone().unwrap_or_default(), count_receives(message));
            match parse(message.body.as_deref().unwrap_or_default().as_bytes(), home) {
                Ok(Event::Launch(action)) if action.hook == config.readiness.hook => {
                    let message = Message { id, kind: MessageKind::Launch { receives } };
                    batch.add_launch(&mut launches, action, message, config);
                }
                Ok(Event::Launch(action)) => batch.drop_message(&id, &format!("a launch of the hook {}", action.hook)),
                Ok(Event::Nudge(nudge)) => nudges.push((nudge, Message { id, kind: MessageKind::Nudge })),
                Ok(Event::Deployed(success)) => {
                    batch.add_deployed(success, Message { id, kind: MessageKind::Deployed })
                }
                Ok(Event::Sweep) => batch.sweeps.push(Message { id, kind: MessageKind::Sweep { receives } }),
                Ok(Event::Unconcerned(what)) => batch.drop_message(&id, &what),
                Err(error) => {
                    warn!(message_id = id, %error, "dropped a message that cannot be read");
                    batch.dropped += 1;
                }
            }
        }
        batch.looks = join_nudges(launches, nudges, busy, config);
        batch
    }

    /// How many looks have come this far.
    pub(crate) fn count(&self, progress: Progress) -> usize {
        self.decided.iter().filter(|decided| decided.progress == progress).count()
    }

    fn add_launch(&mut self, looks: &mut BTreeMap<Key, Look>, action: LaunchAction, message: Message, config: &Config) {
        let key = (action.instance.clone(), action.token.clone());
        let look = looks.entry(key).or_insert_with(|| {
            let (policy, warning) = config.policy_of(action.metadata.as_deref());
            let mut look = Look::of_launch(action, policy, config.tick);
            look.policy_warning = warning;
            if let Some(warning) =
                look.policy_warning.as_ref().filter(|_| message.kind == MessageKind::Launch { receives: 1 })
            {
                warn!(instance = %look.instance, group = look.group, "{warning}");
                self.bad_policies += 1;
            }
            look
        });
        look.messages.push(message);
    }

    /// A message that came twice is one.
    fn add_deployed(&mut self, success: DeploymentSuccess, message: Message) {
        let same = self.deployed.iter_mut().find(|deployed| deployed.success.deployment == success.deployment);
        match same {
            Some(deployed) => deployed.messages.push(message),
            None => self.deployed.push(Deployed { success, messages: vec![message], progress: Progress::Unfinished }),
        }
    }

    fn drop_message(&mut self, id: &str, what: &str) {
        info!(message_id = id, "dropped {what}: it concerns no launch of ours");
        self.dropped += 1;
    }
}

fn count_receives(message: &SqsMessage) -> u32 {
    let count = message.attributes.get("ApproximateReceiveCount");
    count.and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// A nudge joins the newest launch of its instance, if the batch has one. Otherwise it is a look of its own.
fn join_nudges(launches: BTreeMap<Key, Look>, nudges: Vec<(Nudge, Message)>, busy: bool, config: &Config) -> Vec<Look> {
    let mut looks: Vec<Look> = launches.into_values().collect();
    for (Nudge { instance, news }, message) in nudges {
        if matches!(news, News::Registered(_)) && busy {
            continue;
        }
        let same = looks.iter_mut().filter(|look| look.instance == instance);
        if let Some(look) = same.max_by_key(|look| look.seen.began()) {
            look.messages.push(message);
        } else {
            let mut look = Look::of_nudge(instance, config.readiness.default_policy.clone(), config.tick);
            match news {
                News::RunEnded(command) => look.ended_command = command,
                News::Registered(at) => look.seen.ping = Reading::Known(Ping::Heard { online: true, at }),
                News::Deployment => (),
            }
            look.messages.push(message);
            looks.push(look);
        }
    }
    looks
}
