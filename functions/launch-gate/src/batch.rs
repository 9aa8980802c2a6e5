//! A batch of messages, sorted into looks.
//!
//! A message that cannot be read is logged and dropped: it would read no better the next time, and it must not cost its
//! neighbours their looks.

use std::collections::BTreeMap;
use std::mem::take;

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use lifecycle::Timestamp;
use lifecycle::event::{DeploymentSuccess, Event, Home, LaunchAction, News, Nudge, parse};
use lifecycle::identity::{InstanceId, Token};
use lifecycle::observation::{Ping, Reading};
use tracing::{debug, info, warn};

use crate::config::Config;
use crate::facts::OpenLaunch;
use crate::look::{Decided, Look, Progress};
use crate::memory::{Known, Memory};
use crate::message::{Message, MessageKind};

/// A batch with more looks than one read of AWS serves (fifty instances) has parts.
const MANY: usize = 50;

/// What a batch asks for, and how far its looks have come.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The looks that have no decision yet.
    pub(crate) looks: Vec<Look>,
    pub(crate) decided: Vec<Decided>,
    /// The looks of launches that this process remembers as ready.
    pub(crate) recalled: Part,
    /// The looks beside them.
    pub(crate) others: Part,
    /// The deployments that have succeeded.
    pub(crate) deployed: Vec<Deployed>,
    /// The messages that ask for a sweep.
    pub(crate) sweeps: Vec<Message>,
    /// The open launches that the sweep has left out, because this process has just looked at them.
    pub(crate) known: Vec<(InstanceId, OpenLaunch)>,
    /// Whether the sweep has looked at everything that waits.
    pub(crate) swept: bool,
    pub(crate) messages: usize,
    pub(crate) dropped: usize,
    /// How many launches have a policy that cannot be read. Each is counted with the first receive of its message.
    pub(crate) bad_policies: usize,
    /// How many instances should have got a run that AWS refused for a reason that is not theirs.
    pub(crate) refused_runs: usize,
}

/// Looks that are seen, decided and carried out together, beside another such part of the batch.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// The looks that have no decision yet.
    pub(crate) looks: Vec<Look>,
    pub(crate) decided: Vec<Decided>,
}

/// A deployment that has succeeded, and how far the look at its copied group has come.
#[derive(Debug)]
pub(crate) struct Deployed {
    pub(crate) success: DeploymentSuccess,
    pub(crate) messages: Vec<Message>,
    pub(crate) progress: Progress,
}

/// What messages are sorted with.
pub(crate) struct Opening<'a> {
    /// Messages from another Region or account are dropped.
    pub(crate) home: Option<&'a Home>,
    /// If the queue is busy, registrations are dropped: each launch message returns within a tick, and starts its run
    /// together with up to 49 others.
    pub(crate) busy: bool,
    pub(crate) config: &'a Config,
    pub(crate) memory: &'a Memory,
    pub(crate) now: Timestamp,
}

/// Tells launches apart. The instance alone does not: it may have two lifecycle actions in turn.
type Key = (InstanceId, Option<Token>);

impl Batch {
    /// Sorts these messages. A launch message that this process has settled is deleted unread if it comes once more.
    pub(crate) fn open(event: &SqsEvent, opening: &Opening<'_>) -> Self {
        let mut batch = Self { messages: event.records.len(), ..Self::default() };
        let mut launches: BTreeMap<Key, Look> = BTreeMap::new();
        let mut nudges: Vec<(Nudge, Message)> = Vec::new();
        for message in &event.records {
            let (id, receives) = (message.message_id.clone().unwrap_or_default(), count_receives(message));
            match parse(message.body.as_deref().unwrap_or_default().as_bytes(), opening.home) {
                Ok(Event::Launch(action)) if action.hook == opening.config.readiness.hook => {
                    let message = Message { id, kind: MessageKind::Launch { receives } };
                    batch.add_launch(&mut launches, action, message, opening);
                }
                Ok(Event::Launch(action)) => batch.drop_message(&id, &format!("a launch of the hook {}", action.hook)),
                Ok(Event::Nudge(nudge)) => nudges.push((nudge, Message { id, kind: MessageKind::Nudge })),
                Ok(Event::Deployed(success)) => {
                    batch.add_deployed(success, Message { id, kind: MessageKind::Deployed });
                }
                Ok(Event::Sweep) => batch.sweeps.push(Message { id, kind: MessageKind::Sweep { receives } }),
                Ok(Event::Unconcerned(what)) => batch.drop_message(&id, &what),
                Err(error) => {
                    let error = shorten(&error.to_string());
                    warn!(message_id = id, error, "dropped a message that cannot be read");
                    batch.dropped += 1;
                }
            }
        }
        batch.looks = join_nudges(launches, nudges, opening);
        batch
    }

    /// How many looks have come this far.
    pub(crate) fn count(&self, progress: Progress) -> usize {
        self.decided.iter().filter(|decided| decided.progress == progress).count()
    }

    /// Sorts the looks into two parts if they are many. The verdicts of the launches that are known as ready need not wait
    /// for the lists of runs that the others need.
    pub(crate) fn split_recalled(&mut self, memory: &Memory) {
        let is_many = self.looks.len() > MANY;
        let is_ready = |look: &Look| memory.instances.read(&look.instance, |known| known.ready.is_some());
        let (recalled, others) = take(&mut self.looks).into_iter().partition(|look| is_many && is_ready(look));
        (self.recalled.looks, self.others.looks) = (recalled, others);
    }

    /// Puts together what has become of the parts.
    pub(crate) fn join_parts(&mut self) {
        for part in [take(&mut self.recalled), take(&mut self.others)] {
            self.looks.extend(part.looks);
            self.decided.extend(part.decided);
        }
    }

    fn add_launch(
        &mut self,
        looks: &mut BTreeMap<Key, Look>,
        action: LaunchAction,
        message: Message,
        Opening { config, memory, .. }: &Opening<'_>,
    ) {
        if memory.instances.read(&action.instance, |known| known.has_settled(action.token.as_ref())) {
            debug!(instance = %action.instance, "its launch was settled before");
            return;
        }
        let first = message.kind == MessageKind::Launch { receives: 1 };
        memory.instances.note(&action.instance, |known| known.open(&action, first));
        memory.groups.note_metadata(&action.group, action.metadata.clone());
        let key = (action.instance.clone(), action.token.clone());
        let look = looks.entry(key).or_insert_with(|| {
            let (policy, warning) = config.policy_of(action.metadata.as_deref());
            let mut look = Look::of_launch(action, policy, config.tick);
            look.policy_warning = warning;
            if let Some(warning) = look.policy_warning.as_ref().filter(|_| first) {
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
        let what = shorten(what);
        info!(message_id = id, "dropped {what}: it concerns no launch of ours");
        self.dropped += 1;
    }
}

/// The beginning of what a message says of itself: a body may have 256 KB, and its log line should be read.
fn shorten(text: &str) -> String {
    text.chars().take(300).collect()
}

fn count_receives(message: &SqsMessage) -> u32 {
    let count = message.attributes.get("ApproximateReceiveCount");
    count.and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// A nudge joins the newest launch of its instance, if the batch has one. Otherwise it is a look of its own.
fn join_nudges(launches: BTreeMap<Key, Look>, nudges: Vec<(Nudge, Message)>, opening: &Opening<'_>) -> Vec<Look> {
    let mut looks: Vec<Look> = launches.into_values().collect();
    for (nudge, message) in nudges {
        let known = note_news(&nudge, opening);
        let Nudge { instance, news } = nudge;
        if matches!(news, News::Registered(_)) && opening.busy {
            continue;
        }
        let same = looks.iter_mut().filter(|look| look.instance == instance);
        if let Some(look) = same.max_by_key(|look| look.seen.began()) {
            look.messages.push(message);
            continue;
        }
        let mut look = open_nudge(instance, known.action, opening);
        match news {
            News::RunEnded(command) => look.command = command,
            News::Registered(at) => {
                look.seen.ping = Reading::Known(Ping::Heard { online: true, at });
                // Its first run: if another process has started one, this is one too many, and harmless.
                look.seen.runs = if known.is_new { Reading::Remembered(Vec::new()) } else { Reading::Unread };
            }
            News::Deployment => (),
        }
        look.messages.push(message);
        looks.push(look);
    }
    looks
}

/// Notes what a nudge says, and returns what is known of its instance.
fn note_news(nudge: &Nudge, Opening { memory, now, .. }: &Opening<'_>) -> Known {
    memory.instances.note_open(&nudge.instance, |known| match &nudge.news {
        News::RunEnded(command) => known.note_ended(command.as_deref(), *now),
        News::Registered(at) => (known.is_told, known.heard) = (true, Some(*at)),
        News::Deployment => (),
    });
    memory.instances.recall(&nudge.instance)
}

/// A nudge names only an instance. If this process knows its launch, the look knows what a launch message tells.
fn open_nudge(instance: InstanceId, action: Option<LaunchAction>, opening: &Opening<'_>) -> Look {
    let Opening { config, memory, .. } = opening;
    let Some(action) = action else {
        return Look::of_nudge(instance, config.readiness.default_policy.clone(), config.tick);
    };
    let (policy, warning) = config.policy_of(memory.groups.recall_metadata(&action.group).as_deref());
    Look { policy_warning: warning, ..Look::of_launch(action, policy, config.tick) }
}
