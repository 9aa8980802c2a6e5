//! The comment of our SSM commands. SSM keeps it with the command.
//!
//! A nudge does not know the launch that it concerns. It reads there where the instance was going, and when the launch
//! began. SSM does not list the parameters of a run, so the comment also tells how long the run may wait.

use std::time::Duration;

use lifecycle::Timestamp;
use lifecycle::event::Destination;

const NAME: &str = "launchgate:";

/// The comment of a command for launches with this destination, the earliest of which began at `earliest`, whose runs
/// wait at most `wait`. It has at most 100 characters (aws-facts 6.2).
#[must_use]
pub fn write(destination: Option<Destination>, earliest: Option<Timestamp>, wait: Duration) -> String {
    let waits = wait.as_secs();
    let into = destination.map_or_else(String::new, |destination| format!(" into {}", word(destination)));
    let launched = earliest.map_or_else(String::new, |earliest| format!(" launched {earliest}"));
    format!("{NAME}{into}{launched} waits {waits}")
}

/// When the earliest launch of the command began, if the comment says so.
pub(super) fn read_launched(comment: &str) -> Option<Timestamp> {
    Timestamp::parse(word_after("launched", comment)?)
}

/// Where the command's instances were going, if the comment says so.
pub(super) fn read_destination(comment: &str) -> Option<Destination> {
    let told = word_after("into", comment)?;
    [Destination::Service, Destination::Pool].into_iter().find(|destination| word(*destination) == told)
}

/// How long the run may wait on the instance, if the comment says so.
pub(super) fn read_wait(comment: &str) -> Option<Duration> {
    word_after("waits", comment)?.parse().ok().map(Duration::from_secs)
}

fn word_after<'a>(name: &str, comment: &'a str) -> Option<&'a str> {
    let mut words = comment.strip_prefix(NAME)?.split_whitespace();
    words.find(|word| *word == name)?;
    words.next()
}

fn word(destination: Destination) -> &'static str {
    match destination {
        Destination::Service => "service",
        Destination::Pool => "pool",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{read_destination, read_launched, read_wait, write};
    use lifecycle::Timestamp;
    use lifecycle::event::Destination;

    #[test]
    fn what_is_written_is_read() {
        let moment = Timestamp::parse("2026-09-14T08:21:43.214Z").unwrap();
        for destination in [None, Some(Destination::Service), Some(Destination::Pool)] {
            for began in [None, Some(moment)] {
                let wait = Duration::from_mins(4);
                let comment = write(destination, began, wait);
                assert_eq!((read_destination(&comment), read_launched(&comment)), (destination, began), "{comment}");
                assert_eq!(read_wait(&comment), Some(wait), "{comment}");
                assert!(comment.len() <= 100);
            }
        }
        assert_eq!((read_destination("somebody's own"), read_launched("launched into pool")), (None, None));
        assert_eq!(read_wait("launchgate: into service"), None, "a run of the release before");
    }
}
