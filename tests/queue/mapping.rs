//! The event source mapping: it decides when Lambda invokes the function, and with which batch.

use std::collections::VecDeque;
use std::time::Duration;

use aws_lambda_events::event::sqs::SqsMessage;
use lifecycle::Timestamp;

use super::{Delivery, Queue};

/// The pollers of the mapping. It has no window: what a poller receives is a batch at once. While as many invocations run
/// as the mapping allows, a poller holds what it has received, and the visibility timeout of these messages goes on.
#[derive(Debug)]
pub struct Mapping {
    delivery: Delivery,
    held: VecDeque<Vec<SqsMessage>>,
}

impl Mapping {
    /// A mapping that has not seen a message yet.
    #[must_use]
    pub fn new(delivery: Delivery) -> Self {
        Self { delivery, held: VecDeque::new() }
    }

    /// Lets every free poller receive. Returns a batch to invoke the function with, if one is there and fewer invocations
    /// are `running` than the mapping allows.
    pub fn poll(
        &mut self,
        queue: &mut Queue,
        now: Timestamp,
        running: usize,
        mut visibility: impl FnMut() -> Duration,
    ) -> Option<Vec<SqsMessage>> {
        while self.held.len() < self.delivery.pollers && queue.next().is_some_and(|visible| visible <= now) {
            let batch = queue.receive(now, self.delivery.batch, &mut visibility);
            if batch.is_empty() {
                break;
            }
            self.held.push_back(batch);
        }
        if running < self.delivery.concurrency { self.held.pop_front() } else { None }
    }

    /// Whether no poller holds a batch.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.held.is_empty()
    }
}
