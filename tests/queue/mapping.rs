//! The event source mapping: it decides when Lambda invokes the function, and with which batch.

use std::collections::VecDeque;
use std::time::Duration;

use aws_lambda_events::event::sqs::SqsMessage;
use lifecycle::Timestamp;

use super::{Delivery, Queue};

/// The mapping. Without a window, what it receives is a batch at once. A batch that was received ahead is held until an
/// invocation is free, and the visibility timeout of its messages goes on meanwhile.
#[derive(Debug)]
pub struct Mapping {
    delivery: Delivery,
    held: VecDeque<Vec<SqsMessage>>,
    window_ends: Option<Timestamp>,
}

impl Mapping {
    /// A mapping that has not seen a message yet.
    #[must_use]
    pub fn new(delivery: Delivery) -> Self {
        Self { delivery, held: VecDeque::new(), window_ends: None }
    }

    /// Receives what the mapping has room for. Returns a batch to invoke the function with, if one is there and fewer
    /// invocations are `running` than the mapping allows.
    pub fn poll(
        &mut self,
        queue: &mut Queue,
        now: Timestamp,
        running: usize,
        mut visibility: impl FnMut() -> Duration,
    ) -> Option<Vec<SqsMessage>> {
        let free = self.delivery.concurrency.saturating_sub(running);
        if !self.delivery.window.is_zero() && !self.is_window_over(queue, now, free) {
            return None;
        }
        while self.held.len() < free + self.delivery.ahead && queue.next().is_some_and(|visible| visible <= now) {
            let batch = queue.receive(now, self.delivery.batch, &mut visibility);
            if batch.is_empty() {
                break;
            }
            self.held.push_back(batch);
        }
        if free > 0 { self.held.pop_front() } else { None }
    }

    /// Opens a window when a message is visible and an invocation is free; says whether it is over now. On a quiet queue
    /// Lambda may keep it open for 20 s (aws-facts 7.1); here the queue never counts as quiet.
    fn is_window_over(&mut self, queue: &Queue, now: Timestamp, free: usize) -> bool {
        if self.window_ends.is_none() && free > 0 && queue.next().is_some_and(|visible| visible <= now) {
            self.window_ends = Some(now + self.delivery.window);
        }
        let over = self.window_ends.is_some_and(|ends| ends <= now);
        if over {
            self.window_ends = None;
        }
        over
    }

    /// When the window closes, if one is open.
    #[must_use]
    pub fn next(&self) -> Option<Timestamp> {
        self.window_ends
    }

    /// Whether no batch is held.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.held.is_empty()
    }
}
