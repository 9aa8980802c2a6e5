//! The launch queue and its event source mapping, as SQS and Lambda have them (aws-facts 7.1).
//!
//! The stories and the storms deliver their messages with it. A test of the storms compares it with ministack.

pub mod door;
mod mapping;

use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use lifecycle::Timestamp;

pub use mapping::Mapping;

/// The settings of the queue, the mapping and the function that decide how messages are delivered.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// How long the mapping gathers messages. Only for comparison: the template has no window.
    pub window: Duration,
    /// The most messages of a batch that the mapping delivers.
    pub batch: usize,
    /// Invocations at once.
    pub concurrency: usize,
    /// How many batches the mapping receives ahead, while no invocation is free.
    pub ahead: usize,
    /// The function's time-out.
    pub timeout: Duration,
    /// The queue's visibility timeout.
    pub tick: Duration,
    /// Receives before a message is a dead letter.
    pub most_receives: u32,
}

impl Delivery {
    /// As the template has it; a test of the storms holds the two together. With `MaximumConcurrency` the mapping receives
    /// nothing while no invocation is free.
    pub const TEMPLATE: Self = Self {
        window: Duration::ZERO,
        batch: 10,
        concurrency: 2,
        ahead: 0,
        timeout: Duration::from_secs(12),
        tick: Duration::from_secs(30),
        most_receives: 1_000,
    };
}

/// An SQS queue.
#[derive(Debug)]
pub struct Queue {
    delivery: Delivery,
    messages: Vec<Message>,
    sent: u64,
    /// The bodies of the messages that were received too often.
    pub dead_letters: Vec<String>,
    /// The most receives that any message has had.
    pub most_receives: u32,
    /// What SQS would count: each message sent, and each receive and each delete of up to ten.
    pub requests: u64,
}

#[derive(Debug)]
struct Message {
    id: String,
    body: String,
    visible: Timestamp,
    receives: u32,
}

impl Message {
    /// Each receive has its own receipt handle.
    fn receipt(&self) -> String {
        format!("{}#{}", self.id, self.receives)
    }

    fn record(&self) -> SqsMessage {
        let mut record = SqsMessage::default();
        record.message_id = Some(self.id.clone());
        record.receipt_handle = Some(self.receipt());
        record.body = Some(self.body.clone());
        record.attributes.insert("ApproximateReceiveCount".into(), self.receives.to_string());
        record
    }
}

impl Queue {
    /// An empty queue.
    #[must_use]
    pub fn new(delivery: Delivery) -> Self {
        Self { delivery, messages: Vec::new(), sent: 0, dead_letters: Vec::new(), most_receives: 0, requests: 0 }
    }

    /// Takes a message, which is visible from now on.
    pub fn send(&mut self, body: String, now: Timestamp) {
        self.sent += 1;
        self.requests += 1;
        self.messages.push(Message { id: format!("m-{}", self.sent), body, visible: now, receives: 0 });
    }

    /// Whether no message is left, in flight or not.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// When the first message is visible.
    #[must_use]
    pub fn next(&self) -> Option<Timestamp> {
        self.messages.iter().map(|message| message.visible).min()
    }

    /// Up to `most` of the visible messages; each is in flight for its own visibility timeout.
    pub fn receive(
        &mut self,
        now: Timestamp,
        most: usize,
        mut visibility: impl FnMut() -> Duration,
    ) -> Vec<SqsMessage> {
        self.requests += 1;
        self.bury(now);
        let mut received = Vec::new();
        for message in self.messages.iter_mut().filter(|message| message.visible <= now).take(most) {
            message.receives += 1;
            self.most_receives = self.most_receives.max(message.receives);
            message.visible = now + visibility();
            received.push(message.record());
        }
        received
    }

    /// A visible message that was received too often becomes a dead letter instead of being received again.
    fn bury(&mut self, now: Timestamp) {
        let most = self.delivery.most_receives;
        let dead = self.messages.extract_if(.., |message| message.visible <= now && message.receives >= most);
        self.dead_letters.extend(dead.map(|message| message.body));
    }

    /// Deletes messages by the handles of their receives. A message that was received again since stays, because an older
    /// handle may delete nothing (aws-facts 7.1).
    pub fn delete(&mut self, receipts: &[String]) {
        self.requests += receipts.len().div_ceil(10) as u64;
        self.messages.retain(|message| !receipts.contains(&message.receipt()));
    }

    /// Lets messages be visible now, by the handles of their last receives.
    pub fn hand_back(&mut self, receipts: &[String], now: Timestamp) {
        self.requests += receipts.len().div_ceil(10) as u64;
        let named = self.messages.iter_mut().filter(|message| receipts.contains(&message.receipt()));
        named.for_each(|message| message.visible = message.visible.min(now));
    }

    /// Lambda deletes the messages of its batch that the function does not return.
    pub fn answer(&mut self, batch: &[SqsMessage], response: &SqsBatchResponse) {
        let returned = |id| response.batch_item_failures.iter().any(|failure| Some(&failure.item_identifier) == id);
        let settled = batch.iter().filter(|message| !returned(message.message_id.as_ref()));
        let receipts: Vec<String> = settled.filter_map(|message| message.receipt_handle.clone()).collect();
        self.delete(&receipts);
    }
}

/// These messages as Lambda hands them over.
#[must_use]
pub fn event_of(records: Vec<SqsMessage>) -> SqsEvent {
    let mut event = SqsEvent::default();
    event.records = records;
    event
}
