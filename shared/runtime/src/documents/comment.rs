//! The comment of our SSM commands. SSM keeps it with the command.
//!
//! A nudge does not know the launch that it concerns. It reads there where the instance was going, and when the launch
//! began. SSM does not list the parameters of a run, so the comment also tells how long the run may wait.

use std::time::Duration;

use lifecycle::Timestamp;
use lifecycle::event::Destination;
use lifecycle::run::Purpose;

const NAME: &str = "launchgate:";
/// The first word of a comment of validate-service.
const VALIDATES: &str = "validates";
/// The first word of a comment of a run that starts an agent that is to start last.
const STARTS: &str = "starts";

/// No run of ours waits longer than a policy may (`ready_within`). Whoever may run our document may write any comment.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// The comment of a command for this purpose, for launches with this destination, the earliest of which began at
/// `earliest`, whose runs wait at most `wait`. It has at most 100 characters (aws-facts 6.2). The gate of the release
/// before takes a start of the agent for a repair.
#[must_use]
pub fn write(
    purpose: Purpose,
    destination: Option<Destination>,
    earliest: Option<Timestamp>,
    wait: Duration,
) -> String {
    let waits = wait.as_secs();
    let starts = if purpose == Purpose::StartAgent { format!(" {STARTS} agent") } else { String::new() };
    let into = destination.map_or_else(String::new, |destination| format!(" into {}", word(destination)));
    let launched = earliest.map_or_else(String::new, |earliest| format!(" launched {earliest}"));
    format!("{NAME}{starts}{into}{launched} waits {waits}")
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
    let told = Duration::from_secs(word_after("waits", comment)?.parse().ok()?);
    (told <= LONGEST_WAIT).then_some(told)
}

/// The comment of a run of validate-service for this lifecycle event of this deployment. `question` is whatever else makes
/// this run the answer to one question and to no other. It holds none of the words that are read above, so the gate of
/// the release before reads nothing out of it. It is cut to 80 characters: real ids are shorter, but a caller may make one up.
#[must_use]
pub fn write_validation(deployment: &str, lifecycle_event: &str, question: &str) -> String {
    let digest = digest(&[deployment, lifecycle_event, question]);
    format!("{NAME} {VALIDATES} {digest:016x} {deployment} {lifecycle_event}").chars().take(80).collect()
}

/// Whether the run is one of validate-service, of this release or of the one before. It looks for other things than the
/// policy of the group, so it is no run of a launch.
pub(super) fn is_validation(comment: &str) -> bool {
    first_word(comment) == Some(VALIDATES)
}

/// Whether the run of the install document starts an agent that is to start last.
pub(super) fn starts_agent(comment: &str) -> bool {
    first_word(comment) == Some(STARTS)
}

/// FNV-1a of the texts, each ended by a byte that UTF-8 does not have. Unlike the hash of the standard library it is the
/// same in every release.
fn digest(texts: &[&str]) -> u64 {
    let bytes = texts.iter().flat_map(|text| text.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn first_word(comment: &str) -> Option<&str> {
    comment.strip_prefix(NAME)?.split_whitespace().next()
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

    use super::{is_validation, read_destination, read_launched, read_wait, starts_agent, write, write_validation};
    use lifecycle::Timestamp;
    use lifecycle::event::Destination;
    use lifecycle::run::Purpose;

    #[test]
    fn what_is_written_is_read() {
        let moment = Timestamp::parse("2026-09-14T08:21:43.214Z").unwrap();
        for destination in [None, Some(Destination::Service), Some(Destination::Pool)] {
            for began in [None, Some(moment)] {
                for purpose in [Purpose::Readiness, Purpose::Repair, Purpose::StartAgent] {
                    let wait = Duration::from_mins(4);
                    let comment = write(purpose, destination, began, wait);
                    assert_eq!(
                        (read_destination(&comment), read_launched(&comment)),
                        (destination, began),
                        "{comment}"
                    );
                    assert_eq!(read_wait(&comment), Some(wait), "{comment}");
                    assert_eq!(starts_agent(&comment), purpose == Purpose::StartAgent, "{comment}");
                    assert!(comment.len() <= 100 && !is_validation(&comment), "{comment}");
                }
            }
        }
        assert_eq!((read_destination("somebody's own"), read_launched("launched into pool")), (None, None));
        assert_eq!(read_wait("launchgate: into service"), None, "a run of the release before");
        for made_up in ["86401", "18446744073709551615", "-1"] {
            assert_eq!(read_wait(&format!("launchgate: waits {made_up}")), None);
        }
    }

    #[test]
    fn a_run_of_validate_service_is_told_from_one_of_a_launch() {
        let comment = write_validation("d-ABCDEF123", "ValidateService", "1");
        assert_eq!(comment, "launchgate: validates 691d17615facad1a d-ABCDEF123 ValidateService");
        for comment in [comment.as_str(), "launchgate: validates d-ABCDEF123"] {
            assert!(is_validation(comment), "{comment}");
            // What the gate of the release before reads.
            assert_eq!((read_destination(comment), read_launched(comment), read_wait(comment)), (None, None, None));
        }
        assert!(!is_validation("somebody validates"));
    }

    #[test]
    fn no_two_questions_share_a_comment() {
        let mut all: Vec<String> = Vec::new();
        for (deployment, event, question) in [
            ("d-ABCDEF123", "ValidateService", "1"),
            ("d-ABCDEF124", "ValidateService", "1"),
            ("d-ABCDEF123", "AfterInstall", "1"),
            ("d-ABCDEF123", "ValidateService", "2"),
            ("d-ABCDEF123", "ValidateService1", ""),
        ] {
            all.push(write_validation(deployment, event, question));
        }
        all.push(write_validation(&"d".repeat(200), "ValidateService", "1"));
        all.push(write_validation(&"d".repeat(200), "AfterInstall", "1"));
        assert!(all.iter().all(|comment| comment.len() <= 80), "{all:?}");
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 7);
    }
}
