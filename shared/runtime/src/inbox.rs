//! A batch of messages, sorted into looks. What cannot be read is told and dropped: it would read no better next time,
//! and it must not cost its neighbours theirs.

use std::collections::BTreeMap;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use lifecycle::event::{Event, LaunchAction, News, Nudge, parse};
use lifecycle::identity::{InstanceId, Token};
use lifecycle::policy::Policy;
use tracing::{info, warn};

use crate::config::Config;
use crate::look::{Fate, Look, Mail, MailKind};

/// A launch message that has come back this often is handed over to the sweep: SQS counts at most 1,000 receives before
/// it takes a message for poison.
const HAND_OVER: u32 = 900;

/// A sweep that could not read everything comes back until the next one is due: this many ticks.
const SWEEP_AGAIN: u32 = 4;

/// Where more register at once than this, their launch messages, a tick away at most, start their runs for a hundredth
/// of the calls.
const FEW: usize = 10;

/// What a batch asks for.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    pub(crate) looks: Vec<Look>,
    /// The messages that ask for a sweep.
    pub(crate) sweeps: Vec<Mail>,
    /// Whether everything that waits was looked at.
    pub(crate) swept: bool,
    pub(crate) messages: usize,
    pub(crate) dropped: usize,
    /// Policies that could not be read, told with the first message of their launch.
    pub(crate) bad_policies: usize,
}

type Key = (InstanceId, Option<Token>);

impl Inbox {
    pub(crate) fn open(event: SqsEvent, config: &Config) -> Self {
        let mut inbox = Self { messages: event.records.len(), ..Self::default() };
        let mut launches: BTreeMap<Key, Look> = BTreeMap::new();
        let mut nudges: Vec<(Nudge, Mail)> = Vec::new();
        for message in event.records {
            let id = message.message_id.clone().unwrap_or_default();
            match parse(message.body.as_deref().unwrap_or_default().as_bytes()) {
                Ok(Event::Launch(action)) if action.hook == config.hook => {
                    inbox.launch(&mut launches, action, launch_mail(&message, id), config);
                }
                Ok(Event::Launch(action)) => inbox.drop(&id, &format!("a launch held by the hook {}", action.hook)),
                Ok(Event::Nudge(nudge)) => nudges.push((nudge, Mail { id, kind: MailKind::Nudge })),
                Ok(Event::Sweep) => {
                    inbox.sweeps.push(Mail { id, kind: MailKind::Sweep { receives: receives(&message) } });
                }
                Ok(Event::Unconcerned(what)) => inbox.drop(&id, &what),
                Err(error) => {
                    warn!(message_id = id, %error, "dropped a message that cannot be read");
                    inbox.dropped += 1;
                }
            }
        }
        inbox.looks = merge(launches, nudges, config);
        inbox
    }

    fn launch(&mut self, looks: &mut BTreeMap<Key, Look>, action: LaunchAction, mail: Mail, config: &Config) {
        let key = (action.instance.clone(), action.token.clone());
        let look = looks.entry(key).or_insert_with(|| {
            let (policy, warning) = policy(action.metadata.as_deref(), config);
            let mut look = Look::of_launch(action, policy, config.tick);
            look.warnings.extend(warning);
            if let Some(warning) = look.warnings.first().filter(|_| mail.kind == MailKind::Launch { receives: 1 }) {
                warn!(instance = %look.instance, group = look.group, "{warning}");
                self.bad_policies += 1;
            }
            look
        });
        look.mail.push(mail);
    }

    fn drop(&mut self, id: &str, what: &str) {
        info!(message_id = id, "dropped {what}: it concerns no launch of ours");
        self.dropped += 1;
    }
}

/// The policy in the metadata of a hook, and what is wrong with it.
pub(crate) fn policy(metadata: Option<&str>, config: &Config) -> (Policy, Option<String>) {
    let (mut policy, warning) = Policy::of_hook(metadata, &config.default_policy);
    // Only what can be done is decided.
    policy.repair &= config.install_document.is_some();
    (policy, warning)
}

fn launch_mail(message: &SqsMessage, id: String) -> Mail {
    Mail { id, kind: MailKind::Launch { receives: receives(message) } }
}

fn receives(message: &SqsMessage) -> u32 {
    let count = message.attributes.get("ApproximateReceiveCount");
    count.and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// A nudge joins the newest launch of its instance, if the batch has one; otherwise it is a look of its own.
fn merge(launches: BTreeMap<Key, Look>, nudges: Vec<(Nudge, Mail)>, config: &Config) -> Vec<Look> {
    let mut looks: Vec<Look> = launches.into_values().collect();
    let registered = nudges.iter().filter(|(nudge, _)| nudge.news == News::Registered).count();
    for (Nudge { instance, news }, mail) in nudges {
        if news == News::Registered && registered > FEW {
            continue;
        }
        let same = looks.iter_mut().filter(|look| look.instance == instance);
        if let Some(look) = same.max_by_key(|look| look.began()) {
            look.mail.push(mail);
        } else {
            let mut look = Look::of_nudge(instance, config.default_policy.clone(), config.tick);
            if let News::RunEnded(command) = news {
                look.hint = command;
            }
            look.mail.push(mail);
            looks.push(look);
        }
    }
    looks
}

/// The partial batch response: what must come back, and nothing else.
pub(crate) fn response(inbox: &Inbox) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    let of_looks = inbox.looks.iter().flat_map(|look| look.mail.iter().filter(|mail| comes_back(look.fate, mail)));
    let fate = if inbox.swept { Fate::Settled } else { Fate::Unfinished };
    for mail in of_looks.chain(inbox.sweeps.iter().filter(|mail| comes_back(fate, mail))) {
        response.add_failure(&mail.id);
    }
    response
}

fn comes_back(fate: Fate, mail: &Mail) -> bool {
    match (fate, mail.kind) {
        // A nudge only makes it faster: when AWS throttles, nudges that come back are what keeps it throttled.
        (Fate::Settled, _) | (_, MailKind::Nudge) | (Fate::Open, MailKind::Sweep { .. }) => false,
        (Fate::Unfinished, MailKind::Sweep { receives }) => receives < SWEEP_AGAIN,
        (Fate::Open | Fate::Unfinished, MailKind::Launch { receives }) => receives < HAND_OVER,
    }
}
