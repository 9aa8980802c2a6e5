//! The comment of our commands. AWS keeps it for us: a nudge, which does not know its launch, reads there into what it
//! was launched, and when.

use lifecycle::Timestamp;
use lifecycle::event::Phase;

const NAME: &str = "launchgate:";

/// The comment of a command for launches into this phase, of which the earliest began then; at most 100 characters
/// (AWS-FACTS 6.2).
pub(crate) fn of(phase: Option<Phase>, earliest: Option<Timestamp>) -> String {
    let into = phase.map_or_else(String::new, |phase| format!(" into {}", word(phase)));
    let launched = earliest.map_or_else(String::new, |earliest| format!(" launched {earliest}"));
    format!("{NAME}{into}{launched}")
}

/// When the earliest launch of the command began.
pub(crate) fn launched(comment: &str) -> Option<Timestamp> {
    Timestamp::parse(after("launched", comment)?)
}

/// What the command's instances were launched into.
pub(crate) fn phase(comment: &str) -> Option<Phase> {
    let told = after("into", comment)?;
    [Phase::Service, Phase::Pool].into_iter().find(|phase| word(*phase) == told)
}

fn after<'a>(name: &str, comment: &'a str) -> Option<&'a str> {
    let mut words = comment.strip_prefix(NAME)?.split_whitespace();
    words.find(|word| *word == name)?;
    words.next()
}

fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Service => "service",
        Phase::Pool => "pool",
    }
}

#[cfg(test)]
mod tests {
    use super::{launched, of, phase as told};
    use lifecycle::Timestamp;
    use lifecycle::event::Phase;

    #[test]
    fn what_is_written_is_read() {
        let moment = Timestamp::parse("2026-09-14T08:21:43.214Z").unwrap();
        for phase in [None, Some(Phase::Service), Some(Phase::Pool)] {
            for began in [None, Some(moment)] {
                let comment = of(phase, began);
                assert_eq!((told(&comment), launched(&comment)), (phase, began), "{comment}");
                assert!(comment.len() <= 100);
            }
        }
        assert_eq!((told("somebody's own"), launched("launched into pool")), (None, None));
    }
}
