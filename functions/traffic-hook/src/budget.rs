//! How long what may take.

use std::time::Duration;

use runtime::{Clock, Timestamp};

/// Kept for the answer, however long validation would like to take.
const RESERVE: Duration = Duration::from_secs(20);
/// Kept after the answer, for the log line and the way back.
const MARGIN: Duration = Duration::from_secs(1);

/// The time of one invocation. It is measured where it is used, since each step takes what the one before has left.
pub(crate) struct Budget<'a> {
    clock: &'a Clock,
    began: Timestamp,
    deadline: Timestamp,
    reserve: Duration,
}

impl<'a> Budget<'a> {
    /// From now to the function's own time-out. A third is kept for the answer, and 20 s at most.
    pub(crate) fn until(deadline: Timestamp, clock: &'a Clock) -> Self {
        let began = clock();
        Self { clock, began, deadline, reserve: RESERVE.min(deadline.since(began) / 3) }
    }

    /// What is left to validate.
    pub(crate) fn to_validate(&self) -> Duration {
        self.left().saturating_sub(self.reserve)
    }

    /// What is left to answer: all but a second, or a fifth where that is less.
    pub(crate) fn to_answer(&self) -> Duration {
        let left = self.left();
        left.saturating_sub(MARGIN.min(left / 5))
    }

    /// How long the invocation has taken.
    pub(crate) fn taken(&self) -> Duration {
        (self.clock)().since(self.began)
    }

    fn left(&self) -> Duration {
        self.deadline.since((self.clock)())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn budget(seconds: u64) -> (Duration, Duration) {
        let (now, clock): (_, Clock) = (Timestamp::from_millis(0), Arc::new(|| Timestamp::from_millis(0)));
        let budget = Budget::until(now + Duration::from_secs(seconds), &clock);
        (budget.to_validate(), budget.to_answer())
    }

    #[test]
    fn the_answer_keeps_twenty_seconds_or_a_third() {
        let seconds = Duration::from_secs;
        assert_eq!(budget(300), (seconds(280), seconds(299)));
        assert_eq!(budget(60), (seconds(40), seconds(59)));
        assert_eq!(budget(3), (seconds(2), Duration::from_millis(2400)));
        assert_eq!(budget(0), (Duration::ZERO, Duration::ZERO));
    }
}
