//! What this process has written a line of: a launch without completing it, a copied group without our hook.
//!
//! AWS keeps no trace of such a line. If the deletion of a launch message does not hold, or EventBridge delivers an event
//! twice (aws-facts 7.1), the line would be written again. This memory prevents that in one process; it decides nothing
//! else.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many are remembered. A message comes once more within minutes.
const REMEMBERED: usize = 1_000;

/// What was told, the last one last.
#[derive(Debug)]
pub(crate) struct Told<T>(Mutex<VecDeque<T>>);

impl<T> Default for Told<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: PartialEq> Told<T> {
    /// Notes that this is told. Returns whether it had not been told before.
    pub(crate) fn note(&self, subject: T) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = !told.contains(&subject);
        if new {
            told.push_back(subject);
        }
        if told.len() > REMEMBERED {
            told.pop_front();
        }
        new
    }
}
