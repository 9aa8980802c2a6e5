//! The ungated groups of which this process has written a line. EventBridge may deliver one event twice.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many groups are remembered. An event comes twice within minutes.
const REMEMBERED: usize = 100;

/// The groups that were told, the last one last.
#[derive(Debug, Default)]
pub(crate) struct ToldGroups(Mutex<VecDeque<String>>);

impl ToldGroups {
    /// Notes a group. Returns whether it had not been told before.
    pub(crate) fn note(&self, group: &str) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = !told.iter().any(|known| known == group);
        if new {
            told.push_back(group.to_owned());
        }
        if told.len() > REMEMBERED {
            told.pop_front();
        }
        new
    }
}
