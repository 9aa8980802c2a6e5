//! What launch-gate is invoked with, and what it answers.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use serde::{Deserialize, Serialize};

use crate::self_test::{Passed, SelfTest};

/// A batch of the launch queue, or a self-test.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Members")]
pub enum GateEvent {
    /// Messages of the launch queue.
    Batch(SqsEvent),
    /// A new release shows that it works, before it gets any launch.
    SelfTest(SelfTest),
}

/// A structure, not an untagged enum: serde would keep a batch of 1,000 messages in memory twice.
#[derive(Deserialize)]
struct Members {
    #[serde(rename = "Records")]
    records: Option<Vec<SqsMessage>>,
    #[serde(rename = "self-test")]
    self_test: Option<SelfTest>,
}

impl TryFrom<Members> for GateEvent {
    type Error = &'static str;

    fn try_from(members: Members) -> Result<Self, &'static str> {
        match (members.records, members.self_test) {
            (Some(records), None) => {
                let mut event = SqsEvent::default();
                event.records = records;
                Ok(Self::Batch(event))
            }
            (None, Some(test)) => Ok(Self::SelfTest(test)),
            _ => Err("expected either `Records`, a batch of the launch queue, or `self-test`"),
        }
    }
}

/// The answer: the messages that come back, and what a self-test has shown.
#[derive(Debug, Serialize)]
pub struct GateAnswer {
    /// The partial batch response.
    #[serde(flatten)]
    pub response: SqsBatchResponse,
    /// Only after a self-test.
    #[serde(rename = "self-test", skip_serializing_if = "Option::is_none")]
    pub self_test: Option<Passed>,
}

impl From<SqsBatchResponse> for GateAnswer {
    fn from(response: SqsBatchResponse) -> Self {
        Self { response, self_test: None }
    }
}

impl From<Passed> for GateAnswer {
    fn from(passed: Passed) -> Self {
        Self { response: SqsBatchResponse::default(), self_test: Some(passed) }
    }
}
