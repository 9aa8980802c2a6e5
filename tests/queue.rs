//! The launch queue and its event source mapping: visibility, receive counts, dead letters, windows and batches
//! (aws-facts 7.1).
//!
//! The stories and the storms deliver their messages with it. A test of the storms compares it with ministack.

use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use lifecycle::Timestamp;

/// The settings of the queue, the mapping and the function that decide how messages are delivered.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// How long the mapping gathers messages.
    pub window: Duration,
    /// The most messages of a batch.
    pub batch: usize,
    /// Invocations at once.
    pub concurrency: usize,
    /// The function's time-out.
    pub timeout: Duration,
    /// The queue's visibility timeout.
    pub tick: Duration,
    /// Receives before a message is a dead letter.
    pub most_receives: u32,
}

impl Delivery {
    /// As the template has it; a test of the storms holds the two together.
    pub const TEMPLATE: Self = Self {
        window: Duration::from_secs(1),
        batch: 1_000,
        concurrency: 2,
        timeout: Duration::from_secs(12),
        tick: Duration::from_secs(15),
        most_receives: 1_000,
    };

    /// The same without delay and without limits: everything that is visible arrives at once, in one batch.
    pub const IDEAL: Self =
        Self { window: Duration::ZERO, batch: usize::MAX, concurrency: 1, most_receives: u32::MAX, ..Self::TEMPLATE };
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
    /// What SQS would count: each message sent, and each ten received or deleted at once.
    pub requests: u64,
}

#[derive(Debug)]
struct Message {
    id: String,
    body: String,
    visible: Timestamp,
    receives: u32,
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

    /// A batch of the visible messages; each is in flight for its own visibility timeout.
    pub fn receive(&mut self, now: Timestamp, mut visibility: impl FnMut() -> Duration) -> SqsEvent {
        let Delivery { batch, most_receives, .. } = self.delivery;
        let (dead, live) = std::mem::take(&mut self.messages)
            .into_iter()
            .partition(|message| message.visible <= now && message.receives >= most_receives);
        self.messages = live;
        self.dead_letters.extend(dead.into_iter().map(|message: Message| message.body));
        let mut event = SqsEvent::default();
        for message in self.messages.iter_mut().filter(|message| message.visible <= now).take(batch) {
            message.receives += 1;
            self.most_receives = self.most_receives.max(message.receives);
            message.visible = now + visibility();
            event.records.push(record(message));
        }
        self.requests += event.records.len().div_ceil(10) as u64;
        event
    }

    /// Deletes the messages of a batch that the function does not return.
    pub fn answer(&mut self, batch: &[String], response: &SqsBatchResponse) {
        self.requests += (batch.len() - response.batch_item_failures.len().min(batch.len())).div_ceil(10) as u64;
        let returned = |id: &String| response.batch_item_failures.iter().any(|failure| failure.item_identifier == *id);
        self.messages.retain(|message| !batch.contains(&message.id) || returned(&message.id));
    }
}

fn record(message: &Message) -> SqsMessage {
    let mut record = SqsMessage::default();
    record.message_id = Some(message.id.clone());
    record.body = Some(message.body.clone());
    record.attributes.insert("ApproximateReceiveCount".into(), message.receives.to_string());
    record
}

/// The ids of the messages of a batch, by which it is answered.
#[must_use]
pub fn ids(batch: &SqsEvent) -> Vec<String> {
    batch.records.iter().filter_map(|record| record.message_id.clone()).collect()
}

/// The event source mapping: it decides when Lambda invokes the function, and with which batch.
#[derive(Debug)]
pub struct Mapping {
    delivery: Delivery,
    window_ends: Option<Timestamp>,
}

impl Mapping {
    /// A mapping that has not seen a message yet.
    #[must_use]
    pub fn new(delivery: Delivery) -> Self {
        Self { delivery, window_ends: None }
    }

    /// When the window closes, if one is open.
    #[must_use]
    pub fn next(&self) -> Option<Timestamp> {
        self.window_ends
    }

    /// Opens a window when a message is visible and fewer than the permitted invocations run; returns the batch when
    /// the window closes.
    pub fn poll(
        &mut self,
        queue: &mut Queue,
        now: Timestamp,
        running: usize,
        visibility: impl FnMut() -> Duration,
    ) -> Option<SqsEvent> {
        let waiting = queue.next().is_some_and(|visible| visible <= now);
        if self.window_ends.is_none() && waiting && running < self.delivery.concurrency {
            self.window_ends = Some(now + self.delivery.window);
        }
        if self.window_ends.is_none_or(|ends| ends > now) {
            return None;
        }
        self.window_ends = None;
        let batch = queue.receive(now, visibility);
        (!batch.records.is_empty()).then_some(batch)
    }
}
