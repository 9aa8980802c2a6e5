//! The calls that a run without the gate makes, as the play makes them with the AWS CLI.

use serde_json::{Value, json};

use super::super::PlayError;
use super::{Place, Ungated};
use crate::fleet::{Refused, api};

impl Ungated {
    pub(super) fn create_group(&mut self, name: &str, size: u32) -> Result<(), PlayError> {
        let tag = json!([{"Key": "app", "Value": "shop", "PropagateAtLaunch": true}]);
        let of = json!({
            "MinSize": size, "MaxSize": 1000, "DesiredCapacity": size, "AvailabilityZones": ["us-east-1a"],
            "LaunchTemplate": {"LaunchTemplateName": name}, "Tags": if size > 0 { tag } else { json!([]) },
        });
        self.scale("CreateAutoScalingGroup", name, of)
    }

    pub(super) fn desire(&mut self, place: &Place) -> Result<(), PlayError> {
        let size = if place.replaces { 1 } else { self.count_stories(&place.name) };
        self.scale("SetDesiredCapacity", &place.name, json!({"DesiredCapacity": size}))
    }

    pub(super) fn copy(&mut self, group: &str) -> Result<(), PlayError> {
        let style = json!({"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"});
        let green = json!({
            "greenFleetProvisioningOption": {"action": "COPY_AUTO_SCALING_GROUP"},
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE"},
        });
        let copies = json!({"deploymentStyle": style, "blueGreenDeploymentConfiguration": green});
        self.deploy("UpdateDeploymentGroup", merge(json!({"currentDeploymentGroupName": group}), copies))?;
        self.begin_deployment(group)
    }

    pub(super) fn begin_deployment(&mut self, group: &str) -> Result<(), PlayError> {
        let place = json!({"bucket": "shop", "key": "app-1.zip", "bundleType": "zip"});
        let revision = json!({"revisionType": "S3", "s3Location": place});
        self.deploy("CreateDeployment", json!({"deploymentGroupName": group, "revision": revision}))
    }

    pub(super) fn scale(&mut self, operation: &str, group: &str, of: Value) -> Result<(), PlayError> {
        self.call("autoscaling", operation, &merge(json!({"AutoScalingGroupName": group}), of))
    }

    pub(super) fn deploy(&mut self, operation: &str, of: Value) -> Result<(), PlayError> {
        self.call("codedeploy", operation, &merge(json!({"applicationName": "shop"}), of))
    }

    fn call(&mut self, service: &str, operation: &str, members: &Value) -> Result<(), PlayError> {
        let now = self.fleet.now();
        let refused = |refused: Refused| PlayError::Cli {
            command: format!("{service} {operation}"),
            output: format!("{}: {}", refused.code, refused.message),
        };
        api::call(&mut self.fleet, now, service, operation, members).outcome.map(drop).map_err(refused)
    }
}

pub(super) fn merge(mut one: Value, other: Value) -> Value {
    if let (Some(all), Value::Object(more)) = (one.as_object_mut(), other) {
        all.extend(more);
    }
    one
}
