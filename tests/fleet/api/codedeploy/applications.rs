//! Operations on applications.

use lifecycle::Timestamp;
use serde_json::{Value, json};

use super::super::super::model::applications::Application;
use super::super::super::{Fleet, Refused};
use super::super::Outcome;
use super::super::members::Members;
use super::super::times::epoch;
use super::{one_page, required};

pub(in super::super) fn create(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let name = required(members, "applicationName", "ApplicationName")?;
    let platform = members.word("computePlatform", |word| PLATFORMS.contains(&word).then(|| word.to_owned()));
    let invalid = |refused: Refused| Refused::new("InvalidComputePlatformException", refused.message);
    let platform = platform.map_err(invalid)?.unwrap_or_else(|| "Server".to_owned());
    Ok(json!({"applicationId": fleet.create_application(now, name, &platform)?}))
}

/// [BOTO codedeploy:ComputePlatform]
const PLATFORMS: [&str; 3] = ["Server", "Lambda", "ECS"];

pub(in super::super) fn get(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    let application = fleet.application(required(members, "applicationName", "ApplicationName")?)?;
    Ok(json!({"application": application_json(application)}))
}

fn application_json(application: &Application) -> Value {
    json!({
        "applicationId": application.id, "applicationName": application.name,
        "createTime": epoch(application.created), "linkedToGitHub": false, "computePlatform": application.platform,
    })
}

pub(in super::super) fn list(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    one_page(members)?;
    Ok(json!({"applications": fleet.applications.keys().collect::<Vec<_>>()}))
}

pub(in super::super) fn delete(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    fleet.delete_application(now, required(members, "applicationName", "ApplicationName")?);
    Ok(Value::Null)
}
