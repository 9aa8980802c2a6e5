//! Why launches of groups with a breaker failed, as this process has seen it. AWS keeps less of it. Only the breaker's line
//! tells it.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use lifecycle::identity::InstanceId;

/// How many launches are remembered.
const REMEMBERED: usize = 1_000;

/// The reasons of launches that failed, the last one last.
#[derive(Debug, Default)]
pub(crate) struct Reasons(Mutex<VecDeque<(InstanceId, String)>>);

impl Reasons {
    /// Notes why the launch of this instance failed.
    pub(crate) fn note(&self, instance: &InstanceId, code: &str) {
        let mut reasons = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reasons.push_back((instance.clone(), code.to_owned()));
        if reasons.len() > REMEMBERED {
            reasons.pop_front();
        }
    }

    /// Why the launch of this instance failed.
    pub(crate) fn find(&self, instance: &InstanceId) -> Option<String> {
        let reasons = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reasons.iter().rev().find(|(known, _)| known == instance).map(|(_, code)| code.clone())
    }
}
