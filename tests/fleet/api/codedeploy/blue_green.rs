//! What a deployment group says about blue/green, as members of requests and answers.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::super::Refused;
use super::super::super::model::applications::green_fleet::{GreenFleet, Style};
use super::super::members::Members;

const COPY: &str = "COPY_AUTO_SCALING_GROUP";
const DISCOVER: &str = "DISCOVER_EXISTING";

/// In place, blue/green, or nothing where the request does not say. The load balancer is not looked at.
pub(super) fn read(members: &Members<'_>) -> Result<Option<Style>, Refused> {
    let invalid = |refused: Refused| Refused::new("InvalidDeploymentStyleException", refused.message);
    let style = members.structure("deploymentStyle")?;
    let kind = style.map(|style| style.word("deploymentType", is_blue_green)).transpose().map_err(invalid)?.flatten();
    match kind {
        None => Ok(None),
        Some(false) => Ok(Some(Style::InPlace)),
        Some(true) => read_fleet(members).map(|green| Some(Style::BlueGreen(green))),
    }
}

fn is_blue_green(word: &str) -> Option<bool> {
    match word {
        "BLUE_GREEN" => Some(true),
        "IN_PLACE" => Some(false),
        _ => None,
    }
}

fn read_fleet(members: &Members<'_>) -> Result<GreenFleet, Refused> {
    let invalid = |refused: Refused| Refused::new("InvalidBlueGreenDeploymentConfigurationException", refused.message);
    let told = members.structure("blueGreenDeploymentConfiguration")?.ok_or_else(|| {
        let message = "a blue/green deployment group needs blueGreenDeploymentConfiguration";
        Refused::new("InvalidBlueGreenDeploymentConfigurationException", message)
    })?;
    let copies = |word: &str| [(COPY, true), (DISCOVER, false)].into_iter().find(|(name, _)| *name == word);
    let green = told.structure("greenFleetProvisioningOption")?;
    let green = green.map(|green| green.word("action", copies)).transpose().map_err(invalid)?.flatten();
    let blue = told.structure("terminateBlueInstancesOnDeploymentSuccess")?;
    let ends = |word: &str| [("TERMINATE", true), ("KEEP_ALIVE", false)].into_iter().find(|(name, _)| *name == word);
    let ended = blue.as_ref().map(|blue| blue.word("action", ends)).transpose().map_err(invalid)?.flatten();
    let minutes = blue.map(|blue| blue.number("terminationWaitTimeInMinutes", 0..=2880)).transpose()?.flatten();
    let waits = Duration::from_secs(minutes.and_then(|minutes| u64::try_from(minutes).ok()).unwrap_or(0) * 60);
    let terminates_after = ended.is_some_and(|(_, ends)| ends).then_some(waits);
    Ok(GreenFleet { copies: green.is_some_and(|(_, copies)| copies), terminates_after })
}

/// Without traffic control: the fleet has no load balancer.
pub(super) fn style_json(is_green: bool) -> Value {
    let kind = if is_green { "BLUE_GREEN" } else { "IN_PLACE" };
    json!({"deploymentType": kind, "deploymentOption": if is_green { "WITH_TRAFFIC_CONTROL" } else { "WITHOUT_TRAFFIC_CONTROL" }})
}

pub(super) fn fleet_json(green: &GreenFleet) -> Value {
    let blue = match green.terminates_after {
        Some(waits) => json!({"action": "TERMINATE", "terminationWaitTimeInMinutes": waits.as_secs() / 60}),
        None => json!({"action": "KEEP_ALIVE"}),
    };
    json!({
        "greenFleetProvisioningOption": {"action": if green.copies { COPY } else { DISCOVER }},
        "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0},
        "terminateBlueInstancesOnDeploymentSuccess": blue,
    })
}
