//! The comment of our commands. AWS keeps it for us: a nudge, which does not know when its launch began, reads it there.

use lifecycle::Timestamp;

const PREFIX: &str = "launchgate: launched ";

/// The comment of a command for launches of which the earliest began then; at most 100 characters (AWS-FACTS 6.2).
pub(crate) fn of(earliest: Option<Timestamp>) -> String {
    earliest.map_or_else(|| "launchgate".to_owned(), |earliest| format!("{PREFIX}{earliest}"))
}

/// When the earliest launch of the command began.
pub(crate) fn launched(comment: &str) -> Option<Timestamp> {
    Timestamp::parse(comment.strip_prefix(PREFIX)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let moment = Timestamp::parse("2026-09-14T08:21:43.214Z").unwrap();
        assert_eq!(launched(&of(Some(moment))), Some(moment));
        assert_eq!(launched(&of(None)), None);
        assert!(of(Some(moment)).len() <= 100);
    }
}
