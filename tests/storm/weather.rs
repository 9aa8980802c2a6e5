//! The faults of a run and their rates. Rates that AWS does not publish are drawn.

use std::time::Duration;

use crate::dice::Dice;
use crate::outage::Outage;

/// The faults of one run. A rate is a share of all events, calls or invocations.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each name says it all")]
pub struct Weather {
    pub lost_events: f64,
    /// The schedule is not lost as easily as an event.
    pub lost_sweeps: f64,
    pub doubled_events: f64,
    pub late_events: f64,
    pub server_errors: f64,
    /// Connections that break before the call is carried out.
    pub resets: f64,
    /// Connections that break after it.
    pub lost_answers: f64,
    /// Answers past the SDK's time-outs.
    pub slow_answers: f64,
    /// For each service: the calls in the bucket, and those that come back each second.
    pub throttle: Option<(u32, u32)>,
    /// When something cannot be reached at all.
    pub outages: Vec<Outage>,
    /// How long a run stays invisible after it was sent.
    pub invisible_runs: Duration,
    /// How long a lifecycle action is not accepted yet though its wait state shows.
    pub accepted_after: Duration,
    /// Invocations that die at some await point.
    pub crashes: f64,
    /// Messages that reappear while they are looked at.
    pub early_redeliveries: f64,
    /// How many batches the mapping receives while no invocation is free. AWS says none, and one user has seen none
    /// (aws-facts 7.1).
    pub received_ahead: usize,
    /// How far the clock of a function may be off, in milliseconds.
    pub clock_skew: u64,
    /// Whether EC2 instances announce themselves (aws-facts 1.6, unconfirmed).
    pub registration_events: bool,
    /// Whether SSM tells of the ends of runs.
    pub nudges: bool,
    /// Reads that are answered with what was so at the look before.
    pub states_behind: f64,
    /// Reads of instances whose connection SSM takes for lost.
    pub stale_pings: f64,
    /// Whether a deployment of the gate is in progress: half of the environments run the next release, which has
    /// another readiness document and no nudges yet.
    pub two_gates: bool,
    /// How late the latest events are.
    pub very_late: Duration,
    /// Messages in the queue that no rule of ours sent.
    pub poison: u64,
    /// Receives that bring nothing though messages are there: a short poll asks some servers of SQS only.
    pub empty_receives: f64,
    /// Batches in which a message stands twice (aws-facts 7.1).
    pub doubled_messages: f64,
    /// Launches of another Region or account whose events arrive too.
    pub foreign_events: f64,
    /// How late the end of a scaling activity is told.
    pub activities_told_after: Duration,
    /// How late a scaling activity is listed.
    pub activities_seen_after: Duration,
}

impl Weather {
    /// Nothing goes wrong.
    #[must_use]
    pub fn calm() -> Self {
        Self {
            lost_events: 0.0,
            lost_sweeps: 0.0,
            doubled_events: 0.0,
            late_events: 0.0,
            server_errors: 0.0,
            resets: 0.0,
            lost_answers: 0.0,
            slow_answers: 0.0,
            throttle: None,
            outages: Vec::new(),
            invisible_runs: Duration::from_millis(200),
            accepted_after: Duration::ZERO,
            crashes: 0.0,
            early_redeliveries: 0.0,
            received_ahead: 0,
            clock_skew: 0,
            registration_events: true,
            nudges: true,
            states_behind: 0.0,
            stale_pings: 0.0,
            two_gates: false,
            very_late: Duration::ZERO,
            poison: 0,
            empty_receives: 0.0,
            doubled_messages: 0.0,
            foreign_events: 0.0,
            activities_told_after: Duration::ZERO,
            activities_seen_after: Duration::ZERO,
        }
    }

    pub(crate) fn drawn(dice: &mut Dice) -> Self {
        Self {
            lost_events: dice.rate(0.5),
            lost_sweeps: dice.rate(0.1),
            doubled_events: dice.rate(0.3),
            late_events: dice.rate(0.3),
            server_errors: dice.rate(0.15),
            resets: dice.rate(0.1),
            lost_answers: dice.rate(0.1),
            slow_answers: dice.rate(0.05),
            throttle: dice.chance(0.5).then(|| throttle(dice)),
            outages: if dice.chance(0.3) { vec![Outage::short(dice)] } else { Vec::new() },
            invisible_runs: if dice.chance(0.5) { dice.millis(0..=20_000) } else { Duration::from_millis(200) },
            accepted_after: if dice.chance(0.3) { dice.millis(0..=40_000) } else { Duration::ZERO },
            crashes: dice.rate(0.2),
            early_redeliveries: dice.rate(0.2),
            clock_skew: if dice.chance(0.5) { dice.number(0..=2_000) } else { 0 },
            registration_events: dice.chance(0.5),
            nudges: dice.chance(0.9),
            states_behind: dice.rate(0.2),
            stale_pings: dice.rate(0.1),
            two_gates: dice.chance(0.2),
            very_late: dice.millis(180_000..=1_800_000),
            poison: if dice.chance(0.2) { dice.number(1..=5) } else { 0 },
            ..Self::calm()
        }
    }

    /// The same weather with what the queue, the account and AWS's own outages may bring beside it.
    pub(crate) fn worsened(mut self, dice: &mut Dice) -> Self {
        if dice.chance(0.3) {
            self.outages.push(Outage::long(dice));
        }
        let late = |dice: &mut Dice, most| if dice.chance(0.3) { dice.millis(0..=most) } else { Duration::ZERO };
        Self {
            received_ahead: dice.one_of(&[0, 1, 5], 0),
            empty_receives: dice.rate(0.3),
            doubled_messages: dice.rate(0.3),
            foreign_events: dice.rate(0.3),
            activities_told_after: late(dice, 90_000),
            activities_seen_after: late(dice, 20_000),
            ..self
        }
    }

    /// Whether a look fails more often than it succeeds, or cannot be made for a minute: a call fails three times in a
    /// row, the message of the launch is lost and so is the sweep, everything is away.
    pub(crate) fn is_rough(&self) -> bool {
        let passes =
            (1.0 - self.server_errors) * (1.0 - self.resets) * (1.0 - self.lost_answers) * (1.0 - self.slow_answers);
        let call_fails = (1.0 - passes).powi(3);
        let look_fails = 1.0 - (1.0 - call_fails).powi(4) * (1.0 - self.crashes);
        look_fails > 0.1
            || !self.outages.is_empty()
            || self.throttle.is_some()
            || self.lost_events > 0.0
            || self.late_events > 0.0
    }

    /// Each kind of fault that there is, by name, and the same weather without it.
    pub(crate) fn without_each(&self) -> Vec<Self> {
        let calm = Self::calm();
        vec![
            Self { lost_events: 0.0, ..self.clone() },
            Self { lost_sweeps: 0.0, ..self.clone() },
            Self { doubled_events: 0.0, ..self.clone() },
            Self { late_events: 0.0, ..self.clone() },
            Self { server_errors: 0.0, ..self.clone() },
            Self { resets: 0.0, ..self.clone() },
            Self { lost_answers: 0.0, ..self.clone() },
            Self { slow_answers: 0.0, ..self.clone() },
            Self { throttle: None, ..self.clone() },
            Self { outages: Vec::new(), ..self.clone() },
            Self { outages: self.outages.iter().skip(1).copied().collect(), ..self.clone() },
            Self { invisible_runs: calm.invisible_runs, ..self.clone() },
            Self { accepted_after: calm.accepted_after, ..self.clone() },
            Self { crashes: 0.0, ..self.clone() },
            Self { early_redeliveries: 0.0, ..self.clone() },
            Self { clock_skew: 0, ..self.clone() },
            Self { states_behind: 0.0, ..self.clone() },
            Self { stale_pings: 0.0, ..self.clone() },
            Self { two_gates: false, ..self.clone() },
            Self { poison: 0, ..self.clone() },
            Self { received_ahead: 0, ..self.clone() },
            Self { empty_receives: 0.0, ..self.clone() },
            Self { doubled_messages: 0.0, ..self.clone() },
            Self { foreign_events: 0.0, ..self.clone() },
            Self { activities_told_after: Duration::ZERO, ..self.clone() },
            Self { activities_seen_after: Duration::ZERO, ..self.clone() },
        ]
    }
}

fn throttle(dice: &mut Dice) -> (u32, u32) {
    let draw = |dice: &mut Dice, range| u32::try_from(dice.number(range)).unwrap_or(1);
    (draw(dice, 5..=50), draw(dice, 2..=20))
}
