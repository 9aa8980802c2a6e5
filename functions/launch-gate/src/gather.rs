//! Receives what else waits in the launch queue, so that one look serves many messages.
//!
//! The mapping has no batching window: on a quiet queue a window may last 20 s (aws-facts 7.1). Without one, messages come
//! nearly one by one, and a burst would cost ten times the calls. So the function receives the rest itself. What it
//! received and has settled, it deletes. What it leaves reappears after the visibility timeout, also after a crash.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName,
};
use futures_util::stream::{self, StreamExt};
use runtime::CallError;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use crate::context::AT_ONCE;

/// The most messages of one request to SQS (aws-facts 7.1).
const PER_REQUEST: usize = 10;
/// The most messages of one batch. An invocation has no time for more.
const MOST_MESSAGES: usize = 1_000;
/// How long a busy process lets messages come together.
const GATHER_FOR: Duration = Duration::from_secs(1);
/// How long gathering takes at most, that pause included. If SQS hangs, the messages that are here get the rest of the
/// invocation.
const GATHER_WITHIN: Duration = Duration::from_secs(2);
/// How long deleting takes at most.
const DELETE_WITHIN: Duration = Duration::from_secs(1);

/// The messages of one invocation: those that the mapping delivered, and those that were received beside them.
#[derive(Debug)]
pub(crate) struct Gathered {
    /// All of them, each once.
    pub(crate) event: SqsEvent,
    /// The receipt handles of those that the mapping delivered, by id. Lambda deletes these messages, or lets them come back,
    /// as the answer says.
    delivered: BTreeMap<String, String>,
    /// The receipt handles of the others, by id. The function itself deletes these.
    receipts: BTreeMap<String, String>,
}

/// Gathers a batch around the messages that were delivered. If the queue is `busy`, it waits first.
pub(crate) async fn gather(delivered: SqsEvent, busy: bool, queue: &Client, url: &str) -> Gathered {
    let mut gathered = Gathered::of(delivered);
    let gathering = async {
        if busy {
            sleep(GATHER_FOR).await;
        }
        gathered.receive_in_rounds(queue, url).await;
    };
    if timeout(GATHER_WITHIN, gathering).await.is_err() {
        warn!("gathering has ended after {} s, and the rest of the queue is left", GATHER_WITHIN.as_secs());
    }
    gathered
}

/// Up to ten messages; none if SQS does not answer, because the delivered ones can be handled without.
async fn receive(queue: &Client, url: &str) -> Vec<Message> {
    let most = i32::try_from(PER_REQUEST).unwrap_or(1);
    let call = queue.receive_message().queue_url(url).max_number_of_messages(most).wait_time_seconds(0);
    let call = call.message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount);
    let answer = call.send().await.map_err(|error| CallError::new("ReceiveMessage", "the launch queue", &error));
    let answer = answer.inspect_err(|error| warn!(%error, "only the messages that Lambda delivered are handled"));
    answer.ok().and_then(|answer| answer.messages).unwrap_or_default()
}

impl Gathered {
    fn of(event: SqsEvent) -> Self {
        let mut gathered = Self { event: SqsEvent::default(), delivered: BTreeMap::new(), receipts: BTreeMap::new() };
        for record in event.records {
            // A message may stand in one batch twice (aws-facts 7.1).
            let id = record.message_id.clone().unwrap_or_default();
            if gathered.delivered.insert(id, record.receipt_handle.clone().unwrap_or_default()).is_none() {
                gathered.event.records.push(record);
            }
        }
        gathered
    }

    /// Receives until one request comes back empty or the batch is full. Each round makes twice as many requests at once
    /// as the one before, 16 at most.
    async fn receive_in_rounds(&mut self, queue: &Client, url: &str) {
        let mut at_once = 1;
        loop {
            let requests = at_once.min(MOST_MESSAGES.saturating_sub(self.event.records.len()) / PER_REQUEST);
            let mut answers = stream::iter((0..requests).map(|_| receive(queue, url))).buffer_unordered(AT_ONCE);
            let mut ended = requests == 0;
            // Each answer is kept as it comes: SQS has hidden its messages, and the others may never come.
            while let Some(messages) = answers.next().await {
                ended |= messages.is_empty();
                for message in messages {
                    self.add(message);
                }
            }
            if ended {
                return;
            }
            at_once = AT_ONCE.min(at_once * 2);
        }
    }

    /// Adds a message that was received. If it is here already, only its newer receipt handle is kept: a message cannot be
    /// deleted for certain with an old one (aws-facts 7.1).
    fn add(&mut self, message: Message) {
        let (Some(id), Some(receipt)) = (message.message_id, message.receipt_handle) else { return };
        if self.receipts.insert(id.clone(), receipt).is_some() || self.delivered.contains_key(&id) {
            return;
        }
        let mut record = SqsMessage::default();
        record.message_id = Some(id);
        record.body = message.body;
        let attributes = message.attributes.unwrap_or_default();
        record.attributes = attributes.into_iter().map(|(name, value)| (name.as_str().to_owned(), value)).collect();
        self.event.records.push(record);
    }

    /// How many messages the function received itself.
    pub(crate) fn count_received(&self) -> usize {
        self.event.records.len() - self.delivered.len()
    }

    /// Whether the mapping delivered this message.
    pub(crate) fn was_delivered(&self, id: &str) -> bool {
        self.delivered.contains_key(id)
    }

    /// Deletes what was received and does not come back, and lets the pressing messages come at once, as far as half of
    /// the `left` time allows. A message that cannot be deleted reappears, and is looked at once more; one that cannot be
    /// handed back reappears after the visibility timeout.
    pub(crate) async fn give_back(&self, back: &GivenBack, left: Duration, queue: &Client, url: &str) {
        let settled: Vec<_> = self.receipts.iter().filter(|(id, _)| !back.returning.contains(*id)).collect();
        let receipt = |id| Some((id, self.receipts.get(id).or(self.delivered.get(id))?));
        let pressing: Vec<_> = back.pressing.iter().filter_map(receipt).collect();
        let deleting = stream::iter(settled.chunks(PER_REQUEST)).map(|batch| delete(batch, queue, url));
        let handing = stream::iter(pressing.chunks(PER_REQUEST)).map(|batch| hand_back(batch, queue, url));
        let both = async {
            deleting.buffer_unordered(AT_ONCE).collect::<()>().await;
            handing.buffer_unordered(AT_ONCE).collect::<()>().await;
        };
        // Without an answer of the function Lambda would let all delivered messages come back.
        if timeout(DELETE_WITHIN.min(left / 2), both).await.is_err() {
            warn!("messages that were not deleted in time come once more");
        }
    }
}

/// What becomes of the messages of a batch, by id.
#[derive(Debug, Default)]
pub(crate) struct GivenBack {
    /// These come back after the visibility timeout, the tick. All others are deleted.
    pub(crate) returning: BTreeSet<String>,
    /// Those of them that come at once.
    pub(crate) pressing: BTreeSet<String>,
}

async fn hand_back(messages: &[(&String, &String)], queue: &Client, url: &str) {
    let entries = messages.iter().filter_map(|(id, receipt)| {
        let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(*id).receipt_handle(*receipt);
        entry.visibility_timeout(0).build().ok()
    });
    let call = queue.change_message_visibility_batch().queue_url(url).set_entries(Some(entries.collect()));
    let answer = call.send().await;
    if let Err(error) =
        answer.map_err(|error| CallError::new("ChangeMessageVisibilityBatch", "the launch queue", &error))
    {
        warn!(%error, messages = messages.len(), "messages come back only after the visibility timeout");
    }
}

async fn delete(messages: &[(&String, &String)], queue: &Client, url: &str) {
    let entries = messages.iter().filter_map(|(id, receipt)| {
        DeleteMessageBatchRequestEntry::builder().id(*id).receipt_handle(*receipt).build().ok()
    });
    let call = queue.delete_message_batch().queue_url(url).set_entries(Some(entries.collect()));
    match call.send().await.map_err(|error| CallError::new("DeleteMessageBatch", "the launch queue", &error)) {
        Ok(answer) if answer.failed.is_empty() => {}
        Ok(answer) => info!(messages = answer.failed.len(), "messages could not be deleted and come once more"),
        Err(error) => warn!(%error, messages = messages.len(), "messages could not be deleted and come once more"),
    }
}
