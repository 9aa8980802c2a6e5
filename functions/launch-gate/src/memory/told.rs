//! The launches of which this process has written a line without completing them.
//!
//! AWS keeps no trace of such a line. If the deletion of a launch message does not hold, the message comes once more
//! (aws-facts 7.1) and would leave the line again. This memory prevents that in one process; it decides nothing else.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use lifecycle::identity::{InstanceId, Token};

/// How many launches are remembered. A message comes once more within minutes.
const REMEMBERED: usize = 1_000;

/// One launch.
type Launch = (InstanceId, Option<Token>);

/// The launches that were told, the last one last.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<VecDeque<Launch>>);

impl Told {
    /// Notes a launch. Returns whether it had not been told before.
    pub(crate) fn note(&self, instance: &InstanceId, token: Option<&Token>) -> bool {
        let launch = (instance.clone(), token.cloned());
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = !told.contains(&launch);
        if new {
            told.push_back(launch);
        }
        if told.len() > REMEMBERED {
            told.pop_front();
        }
        new
    }
}
