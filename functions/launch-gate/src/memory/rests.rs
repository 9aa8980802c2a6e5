//! Where lists of runs go on that were not read to their end.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lifecycle::Timestamp;

/// A list that began longer ago than this begins anew: for how long AWS takes its tokens is not documented, and runs that
/// were sent since then may stand on the pages before.
const KEPT_FOR: Duration = Duration::from_mins(5);

/// The rest of a list, by document.
#[derive(Debug, Default)]
pub(crate) struct Rests(Mutex<BTreeMap<String, Rest>>);

/// The rest of one list.
#[derive(Clone, Debug)]
pub(crate) struct Rest {
    /// The list has what was requested after this moment.
    pub(crate) since: Timestamp,
    /// When its first page was read.
    pub(crate) began: Timestamp,
    /// Names the next page, as AWS does; nothing for the first.
    pub(crate) token: Option<String>,
}

impl Rests {
    /// Takes the rest of the list of this document. If it fails, the list begins anew.
    pub(crate) fn take(&self, document: &str, now: Timestamp) -> Option<Rest> {
        let rest = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(document);
        rest.filter(|rest| now.since(rest.began) < KEPT_FOR)
    }

    /// Keeps the rest of the list of this document, if there is one.
    pub(crate) fn keep(&self, document: &str, rest: &Rest) {
        if rest.token.is_some() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(document.to_owned(), rest.clone());
        }
    }
}
