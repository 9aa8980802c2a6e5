//! SQS: visibility, receive counts, dead letters (AWS-FACTS 7.1).

use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use lifecycle::Timestamp;

use crate::Carriage;

#[derive(Default)]
pub(crate) struct Queue {
    messages: Vec<Message>,
    sent: u64,
    pub(crate) dead_letters: Vec<String>,
    /// The most receives that any message has had.
    pub(crate) most_receives: u32,
    /// What SQS would count: each message sent, and each ten received or deleted at once.
    pub(crate) requests: u64,
}

struct Message {
    id: String,
    body: String,
    visible: Timestamp,
    receives: u32,
}

impl Queue {
    pub(crate) fn send(&mut self, body: String, now: Timestamp) {
        self.sent += 1;
        self.requests += 1;
        self.messages.push(Message { id: format!("m-{}", self.sent), body, visible: now, receives: 0 });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// When a message is visible, the first of all.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.messages.iter().map(|message| message.visible).min()
    }

    /// A batch of the visible messages; each is in flight for its own visibility timeout.
    pub(crate) fn receive(
        &mut self,
        now: Timestamp,
        carriage: &Carriage,
        mut visibility: impl FnMut() -> Duration,
    ) -> SqsEvent {
        let (dead, live) = std::mem::take(&mut self.messages)
            .into_iter()
            .partition(|message| message.visible <= now && message.receives >= carriage.most_receives);
        self.messages = live;
        self.dead_letters.extend(dead.into_iter().map(|message: Message| message.body));
        let mut event = SqsEvent::default();
        for message in self.messages.iter_mut().filter(|message| message.visible <= now).take(carriage.batch) {
            message.receives += 1;
            self.most_receives = self.most_receives.max(message.receives);
            message.visible = now + visibility();
            event.records.push(record(message));
        }
        self.requests += event.records.len().div_ceil(10) as u64;
        event
    }

    /// Deletes what the batch does not return.
    pub(crate) fn answer(&mut self, batch: &[String], response: &SqsBatchResponse) {
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
