//! Lifecycle states. A state is a move between EC2, the warm pool and the group, and how far the move is.

/// Where an instance comes from or goes to: the `Origin` and `Destination` of events (aws-facts 1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Ec2,
    WarmPool,
    Group,
}

impl Place {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Ec2 => "EC2",
            Self::WarmPool => "WarmPool",
            Self::Group => "AutoScalingGroup",
        }
    }
}

/// How far a move has come (aws-facts 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Begins,
    Waits,
    Proceeds,
    Arrived,
}

/// How pool instances rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PoolState {
    Stopped,
    Running,
    Hibernated,
}

impl PoolState {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Stopped, Self::Running, Self::Hibernated].into_iter().find(|state| state.text() == text)
    }

    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Stopped => "Stopped",
            Self::Running => "Running",
            Self::Hibernated => "Hibernated",
        }
    }
}

/// Which hooks a move starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transition {
    Launching,
    Terminating,
}

impl Transition {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Launching, Self::Terminating].into_iter().find(|transition| transition.text() == text)
    }

    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Launching => "autoscaling:EC2_INSTANCE_LAUNCHING",
            Self::Terminating => "autoscaling:EC2_INSTANCE_TERMINATING",
        }
    }
}

/// A lifecycle state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LifecycleState {
    pub(crate) from: Place,
    pub(crate) to: Place,
    pub(crate) step: Step,
    /// How it rests, if it is in the warm pool.
    pub(crate) rest: PoolState,
    /// Counts the moves of the instance, so that a step planned for an older one is told apart.
    pub(crate) number: u32,
}

impl LifecycleState {
    /// Scale-in with a reuse policy goes to the pool, yet it is a termination (aws-facts 2.5).
    pub(crate) fn transition(self) -> Transition {
        if self.to == Place::Ec2 || self.from == Place::Group { Transition::Terminating } else { Transition::Launching }
    }

    /// In the group or on the way into it: what desired capacity counts.
    pub(crate) fn counts(self) -> bool {
        self.to == Place::Group
    }

    pub(crate) fn ended(self) -> bool {
        self.to == Place::Ec2 && self.step == Step::Arrived
    }

    /// Resting in the pool, ready to leave it.
    pub(crate) fn pooled(self) -> bool {
        self.to == Place::WarmPool && self.step == Step::Arrived
    }

    fn warmed(self) -> &'static str {
        let warmed = self.to == Place::WarmPool || (self.from == Place::WarmPool && self.to == Place::Ec2);
        if warmed { "Warmed:" } else { "" }
    }

    /// As AWS writes it, e.g. `Warmed:Pending:Wait`.
    pub(crate) fn text(self) -> String {
        let under_way = if self.to == Place::Ec2 { "Terminating" } else { "Pending" };
        let state = match self.step {
            Step::Begins => under_way.to_owned(),
            Step::Waits => format!("{under_way}:Wait"),
            Step::Proceeds => format!("{under_way}:Proceed"),
            Step::Arrived => self.arrived().to_owned(),
        };
        format!("{}{state}", self.warmed())
    }

    fn arrived(self) -> &'static str {
        match self.to {
            Place::Ec2 => "Terminated",
            Place::WarmPool => self.rest.text(),
            Place::Group => "InService",
        }
    }
}
