//! Which messages come back: those that were delivered as the partial batch response says, the others because they are
//! not deleted.

use std::collections::BTreeSet;

use aws_lambda_events::event::sqs::SqsBatchResponse;

use crate::batch::Batch;
use crate::gather::Gathered;
use crate::look::{Decided, Progress};
use crate::message::{Message, MessageKind};

/// A launch message that was received this often does not come back; the sweep goes on with its launch. SQS counts at
/// most 1,000 receives before it moves a message to the dead-letter queue.
const HAND_OVER: u32 = 900;

/// A sweep that could not read everything comes back this often at most. By then the next sweep is due.
const SWEEP_AGAIN: u32 = 4;

/// The ids of the messages that must come back.
pub(crate) fn list_returning(batch: &Batch) -> BTreeSet<String> {
    let undecided = batch.looks.iter().map(|look| (Progress::Unfinished, &look.messages));
    let decided = batch.decided.iter().map(|decided| (decided.progress, &decided.look.messages));
    let swept = if batch.swept { Progress::Settled } else { Progress::Unfinished };
    let deployed = batch.deployed.iter().map(|deployed| (deployed.progress, &deployed.messages));
    let all = undecided.chain(decided).chain(deployed).chain([(swept, &batch.sweeps)]);
    let of_progress = |(progress, messages): (Progress, &Vec<Message>)| {
        let back = messages.iter().filter(|message| comes_back(progress, message));
        back.map(|message| message.id.clone()).collect::<Vec<_>>()
    };
    all.flat_map(of_progress).collect()
}

/// The ids of the messages of ready launches whose verdict did not get through; none if the batch has settled nothing:
/// then a tick is soon enough. Other looks would begin with reads, which would keep AWS throttling.
pub(crate) fn list_pressing(batch: &Batch) -> BTreeSet<String> {
    if batch.count(Progress::Settled) == 0 {
        return BTreeSet::new();
    }
    let pressing = |decided: &&Decided| decided.progress == Progress::Unfinished && decided.continues();
    let messages = batch.decided.iter().filter(pressing).flat_map(|decided| &decided.look.messages);
    messages.filter(|it| comes_back(Progress::Unfinished, it)).map(|it| it.id.clone()).collect()
}

/// Names those of them that the mapping delivered. An id that it did not deliver would fail the whole batch
/// (aws-facts 7.1).
pub(crate) fn respond(returning: &BTreeSet<String>, gathered: &Gathered) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for id in returning.iter().filter(|id| gathered.was_delivered(id)) {
        response.add_failure(id);
    }
    response
}

fn comes_back(progress: Progress, message: &Message) -> bool {
    match (progress, message.kind) {
        // A nudge only makes a look earlier. While AWS throttles, nudges that come back would keep it throttling.
        (Progress::Settled, _) | (_, MessageKind::Nudge) | (Progress::Open, MessageKind::Sweep { .. }) => false,
        (Progress::Open | Progress::Unfinished, MessageKind::Deployed) => true,
        (Progress::Unfinished, MessageKind::Sweep { receives }) => receives < SWEEP_AGAIN,
        (Progress::Open | Progress::Unfinished, MessageKind::Launch { receives }) => receives < HAND_OVER,
    }
}
