//! Times in which something cannot be reached at all.

use crate::dice::Dice;

/// The reads and the write that may be refused for long. Without one of them a look decides nothing, or starts nothing.
const CALLS: [&str; 6] = [
    "SendCommand",
    "DescribeInstanceInformation",
    "ListCommandInvocations",
    "DescribeAutoScalingInstances",
    "DescribeLifecycleHooks",
    "DescribeScalingActivities",
];

/// What cannot be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Away {
    /// AWS, for the function.
    Everything,
    /// The function: nobody reads the queue.
    Function,
    /// One operation: AWS answers it with 503.
    Call(&'static str),
}

/// One such time, in seconds since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// What cannot be reached.
    pub away: Away,
    /// From here.
    pub from: u64,
    /// To there.
    pub to: u64,
}

impl Outage {
    /// A short one of everything.
    pub(crate) fn short(dice: &mut Dice) -> Self {
        let from = dice.number(0..=200);
        Self { away: Away::Everything, from, to: from + dice.number(10..=180) }
    }

    /// A long one of one thing: 1 to 30 minutes.
    pub(crate) fn long(dice: &mut Dice) -> Self {
        let call = Away::Call(dice.one_of(&CALLS, "SendCommand"));
        let away = dice.one_of(&[Away::Function, Away::Call("SendCommand"), call, call], call);
        let from = dice.number(0..=600);
        Self { away, from, to: from + dice.number(60..=1_800) }
    }

    /// Whether it lasts longer than a repair may be late.
    pub(crate) fn is_long(&self) -> bool {
        self.to - self.from > 180
    }

    /// Whether it is under way at this second.
    pub(crate) fn is_at(&self, second: u64) -> bool {
        (self.from..self.to).contains(&second)
    }

    /// Whether it is of this operation.
    pub(crate) fn refuses(&self, operation: &str) -> bool {
        matches!(self.away, Away::Call(call) if call == operation)
    }

    /// For how many of these seconds it lasts.
    pub(crate) fn within(&self, from: u64, to: u64) -> u64 {
        self.to.min(to).saturating_sub(self.from.max(from))
    }

    /// Whether no heartbeat can be sent meanwhile: without the hook its time-out is not known. A launch whose message is
    /// late or lost is `untold`: only the sweep finds it, and when it began.
    pub(crate) fn stops_heartbeats(&self, untold: bool) -> bool {
        match self.away {
            Away::Everything | Away::Function | Away::Call("DescribeLifecycleHooks") => true,
            Away::Call("DescribeScalingActivities" | "DescribeAutoScalingInstances") => untold,
            Away::Call(_) => false,
        }
    }
}
