//! The things that are wrong in a row of the table.

/// The health of the version that is deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Healthy,
    Unhealthy,
    /// What would tell answers with errors of its own.
    CannotBeTold,
}

/// Which calls meet a trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// What `CodeDeploy` is asked.
    Reads,
    /// Lambda, CloudWatch and the health URL.
    Checks,
    /// `PutLifecycleEventHookExecutionStatus`.
    Answer,
}

/// What happens to a call on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Throttled,
    Hangs,
    Resets,
    Panics,
    /// It is carried out, and the connection breaks before the answer comes.
    AnswerLost,
}

/// What else may be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// The first calls of a place, as many as this.
    Calls(Place, Kind, u32),
    /// All of them.
    AllCalls(Place, Kind),
    /// Nothing is ever answered.
    EverythingHangs,
    WrongPlatform,
    DeletedDeployment,
    StoppedBefore,
    StoppedMeanwhile,
    DoubledEvent,
    BadConfiguration,
    NothingConfigured,
    /// Only the targets of the deployment; not in the table, since Lambda and ECS differ.
    TargetsUnreadable,
}

impl Fault {
    /// Every fault there is. A panic is one call's or all calls', since it is no error that the SDK tries again.
    pub(super) fn all() -> Vec<Self> {
        let mut all = vec![Self::None];
        for place in [Place::Reads, Place::Checks, Place::Answer] {
            for kind in [Kind::Throttled, Kind::Hangs, Kind::Resets, Kind::Panics] {
                all.extend([Self::Calls(place, kind, if kind == Kind::Throttled { 4 } else { 1 })]);
                all.extend([Self::AllCalls(place, kind)]);
            }
        }
        all.extend([Self::Calls(Place::Answer, Kind::AnswerLost, 1), Self::AllCalls(Place::Answer, Kind::AnswerLost)]);
        all.extend([Self::EverythingHangs, Self::WrongPlatform, Self::DeletedDeployment, Self::StoppedBefore]);
        all.extend([Self::StoppedMeanwhile, Self::DoubledEvent, Self::BadConfiguration, Self::NothingConfigured]);
        all
    }

    /// How many of the calls of a place meet what.
    pub(super) fn of(self, at: Place) -> Option<(Kind, u32)> {
        match self {
            Self::Calls(place, kind, times) if place == at => Some((kind, times)),
            Self::AllCalls(place, kind) if place == at => Some((kind, u32::MAX)),
            Self::EverythingHangs => Some((Kind::Hangs, u32::MAX)),
            Self::Calls(..)
            | Self::AllCalls(..)
            | Self::None
            | Self::WrongPlatform
            | Self::DeletedDeployment
            | Self::StoppedBefore
            | Self::StoppedMeanwhile
            | Self::DoubledEvent
            | Self::BadConfiguration
            | Self::NothingConfigured
            | Self::TargetsUnreadable => None,
        }
    }

    pub(super) fn name(self) -> String {
        if let Self::Calls(place, kind, times) = self {
            return format!("{times} of {place:?}: {kind:?}");
        }
        if let Self::AllCalls(place, kind) = self {
            return format!("all {place:?}: {kind:?}");
        }
        format!("{self:?}")
    }
}
