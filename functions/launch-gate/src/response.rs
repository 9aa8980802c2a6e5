//! The partial batch response: which messages come back.

use aws_lambda_events::event::sqs::SqsBatchResponse;

use crate::batch::Batch;
use crate::look::Progress;
use crate::message::{Message, MessageKind};

/// A launch message that was received this often does not come back; the sweep goes on with its launch. SQS counts at
/// most 1,000 receives before it moves a message to the dead-letter queue.
const HAND_OVER: u32 = 900;

/// A sweep that could not read everything comes back this often at most. By then the next sweep is due.
const SWEEP_AGAIN: u32 = 4;

/// Names the messages that must come back.
pub(crate) fn respond(batch: &Batch) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    let undecided = batch.looks.iter().map(|look| (Progress::Unfinished, &look.messages));
    let decided = batch.decided.iter().map(|decided| (decided.progress, &decided.look.messages));
    let swept = if batch.swept { Progress::Settled } else { Progress::Unfinished };
    for (progress, messages) in undecided.chain(decided).chain([(swept, &batch.sweeps)]) {
        for message in messages.iter().filter(|message| comes_back(progress, message)) {
            response.add_failure(&message.id);
        }
    }
    response
}

fn comes_back(progress: Progress, message: &Message) -> bool {
    match (progress, message.kind) {
        // A nudge only makes a look earlier. While AWS throttles, nudges that come back would keep it throttling.
        (Progress::Settled, _) | (_, MessageKind::Nudge) | (Progress::Open, MessageKind::Sweep { .. }) => false,
        (Progress::Unfinished, MessageKind::Sweep { receives }) => receives < SWEEP_AGAIN,
        (Progress::Open | Progress::Unfinished, MessageKind::Launch { receives }) => receives < HAND_OVER,
    }
}
