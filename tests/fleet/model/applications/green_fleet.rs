//! What a deployment group says about its blue/green deployments.

use std::time::Duration;

use super::super::refused::Refused;

/// How the green fleet of a deployment group comes to be ([BOTO codedeploy:BlueGreenDeploymentConfiguration]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GreenFleet {
    /// Whether it is a copy of the deployment group's Auto Scaling group. Otherwise each deployment names it.
    pub(crate) copies: bool,
    /// How long after a success the blue instances are terminated; nothing: they stay.
    pub(crate) terminates_after: Option<Duration>,
}

/// What a deployment group says about the style of its deployments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    InPlace,
    BlueGreen(GreenFleet),
}

impl Style {
    /// How the green fleet comes to be, if there is one.
    pub(crate) fn green(self) -> Option<GreenFleet> {
        match self {
            Self::InPlace => None,
            Self::BlueGreen(green) => Some(green),
        }
    }
}

impl GreenFleet {
    /// Only one group can be copied (aws-facts 14).
    pub(super) fn check(green: Option<&Self>, groups: usize) -> Result<(), Refused> {
        if green.is_some_and(|green| green.copies) && groups != 1 {
            return Err(Refused::new(
                "InvalidBlueGreenDeploymentConfigurationException",
                "Exactly one AutoScaling group must be specified when selecting the COPY_AUTO_SCALING_GROUP green fleet \
                 provisioning option.",
            ));
        }
        Ok(())
    }
}
