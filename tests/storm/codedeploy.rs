//! Describes CodeDeploy's part in a run.

use std::time::Duration;

use crate::dice::Dice;

/// A deployment group on the Auto Scaling group, with CodeDeploy's own hook and a revision that succeeded before. What
/// AWS does not document is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeDeploy {
    /// How long it waits for an agent that never polls: five minutes or an hour (aws-facts 3.3).
    pub silent_agent: Duration,
    /// Whether its hook is answered when a deployment is stopped (aws-facts 5, unconfirmed).
    pub stopped_abandons: bool,
    /// From the end of a lifecycle event to the next being offered.
    pub next_event_after: Duration,
    /// When the owner deploys to all instances, those that still launch among them, in seconds.
    pub by_owner: Option<u64>,
}

impl CodeDeploy {
    pub(crate) fn drawn(dice: &mut Dice) -> Self {
        Self {
            silent_agent: if dice.chance(0.3) { Duration::from_mins(5) } else { Duration::from_hours(1) },
            stopped_abandons: dice.chance(0.5),
            next_event_after: dice.millis(0..=5_000),
            by_owner: dice.chance(0.5).then(|| dice.number(5..=400)),
        }
    }

    /// How one instance takes its deployment, as a key of its story.
    pub(crate) fn of_launch(dice: &mut Dice) -> String {
        let takes = dice.number(0..=15);
        let event = dice.one_of(&["BeforeInstall", "ApplicationStart", "ValidateService"], "ValidateService");
        let timeout = dice.one_of(&[60, 600, 3600], 600);
        let ends = match dice.number(0..=9) {
            0 => format!(", fails = \"{event}\""),
            1 => format!(", hangs = \"{event}\", timeout = {timeout}"),
            _ => String::new(),
        };
        format!("deployment = {{ takes = {takes}{ends} }}\n")
    }
}
