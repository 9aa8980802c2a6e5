//! The settings of Systems Manager.

use lifecycle::Timestamp;
use serde_json::json;

use super::super::{Fleet, Refused};
use super::Outcome;
use super::bounds::ANY;
use super::members::Members;

const HOST_MANAGEMENT: &str = "/ssm/managed-instance/default-ec2-instance-management-role";

/// Only whether Default Host Management is on [BOTO ssm:ServiceSetting].
pub(super) fn get(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    let id = members.required("SettingId", &ANY)?;
    if id != HOST_MANAGEMENT {
        return Err(Refused::new("ServiceSettingNotFound", format!("the fleet has no setting {id}")));
    }
    let (value, status) =
        if fleet.settings.host_management { ("service-role/hosts", "Customized") } else { ("$None", "Default") };
    Ok(json!({"ServiceSetting": {"SettingId": id, "SettingValue": value, "Status": status}}))
}
