//! The launch queue: what returns reappears after the visibility timeout, what does not is deleted (AWS-FACTS 7.1).

use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use lifecycle::Timestamp;

#[derive(Default)]
pub(super) struct Queue {
    messages: Vec<Message>,
    sent: u32,
}

struct Message {
    id: String,
    body: String,
    visible: Timestamp,
    receives: u32,
}

impl Queue {
    pub(super) fn send(&mut self, body: String, now: Timestamp) {
        self.sent += 1;
        self.messages.push(Message { id: format!("m-{}", self.sent), body, visible: now, receives: 0 });
    }

    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// Everything visible, as one batch; it is in flight until the visibility timeout.
    pub(super) fn receive(&mut self, now: Timestamp, visibility: Duration) -> SqsEvent {
        let mut event = SqsEvent::default();
        for message in self.messages.iter_mut().filter(|message| message.visible <= now) {
            message.receives += 1;
            message.visible = now + visibility;
            let mut record = SqsMessage::default();
            record.message_id = Some(message.id.clone());
            record.body = Some(message.body.clone());
            record.attributes.insert("ApproximateReceiveCount".into(), message.receives.to_string());
            event.records.push(record);
        }
        event
    }

    /// Deletes what the batch does not return.
    pub(super) fn answer(&mut self, batch: &SqsEvent, response: &SqsBatchResponse) {
        let returned = |id: &String| response.batch_item_failures.iter().any(|failure| failure.item_identifier == *id);
        let in_batch = |id: &String| batch.records.iter().any(|record| record.message_id.as_ref() == Some(id));
        self.messages.retain(|message| !in_batch(&message.id) || returned(&message.id));
    }
}
