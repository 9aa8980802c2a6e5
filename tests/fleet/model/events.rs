//! The events that the fleet publishes to EventBridge (aws-facts 1).

use lifecycle::Timestamp;
use serde_json::{Map, Value, json};

use super::Fleet;
use super::activities::Activity;
use super::commands::Command;
use super::deployments::Deployment;
use super::groups::Group;
use super::hooks::Hook;
use super::states::{Place, Transition};

/// One published event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When it was published.
    pub at: Timestamp,
    /// The whole envelope, as a rule's target receives it.
    pub envelope: Value,
}

impl Event {
    /// One string of the envelope, such as `detail-type`.
    #[must_use]
    pub fn text(&self, key: &str) -> &str {
        self.envelope.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// One string of the detail.
    #[must_use]
    pub fn detail(&self, key: &str) -> &str {
        self.envelope.pointer(&format!("/detail/{key}")).and_then(Value::as_str).unwrap_or_default()
    }
}

impl Fleet {
    fn publish(&mut self, at: Timestamp, source: &str, kind: &str, resources: &[String], detail: &Value) {
        if source == "aws.ssm" && !self.settings.nudges {
            return;
        }
        let envelope = json!({
            "version": "0", "id": self.chance.uuid(), "detail-type": kind, "source": source,
            "account": self.settings.account, "time": whole_seconds(at), "region": self.settings.region,
            "resources": resources, "detail": detail,
        });
        self.events.push(Event { at, envelope });
    }

    /// One per hook (aws-facts 1.1, 1.2).
    pub(super) fn publish_action(&mut self, now: Timestamp, id: &str, hook: &Hook, token: &str) {
        let Some(instance) = self.instances.get(id) else {
            return;
        };
        let Some(group) = self.groups.get(&instance.group) else {
            return;
        };
        let mut detail = json!({
            "LifecycleActionToken": token, "AutoScalingGroupName": group.name, "LifecycleHookName": hook.name,
            "EC2InstanceId": id, "LifecycleTransition": hook.transition.text(),
        });
        if let (Some(metadata), Some(members)) = (&hook.metadata, detail.as_object_mut()) {
            members.insert("NotificationMetadata".to_owned(), json!(metadata));
        }
        if group.warm_pool.is_some() {
            add_ends(&mut detail, instance.state.from, instance.state.to);
        }
        let kind = match hook.transition {
            Transition::Launching => "EC2 Instance-launch Lifecycle Action",
            Transition::Terminating => "EC2 Instance-terminate Lifecycle Action",
        };
        let resources = [group.arn.clone()];
        self.publish(now, "aws.autoscaling", kind, &resources, &detail);
    }

    /// Launch or Terminate, Successful or Unsuccessful (aws-facts 1.3).
    pub(super) fn publish_activity(&mut self, now: Timestamp, key: u64, ends: Option<(Place, Place)>) {
        let Some(activity) = self.activities.get(&key) else {
            return;
        };
        let Some(group) = self.groups.get(&activity.group) else {
            return;
        };
        let mut detail = activity_detail(now, activity, group);
        if let (Some((from, to)), true) = (ends, group.warm_pool.is_some()) {
            add_ends(&mut detail, from, to);
        }
        let resources = [group.arn.clone(), self.instance_arn(&activity.instance)];
        let kind = activity_kind(activity);
        self.publish(now, "aws.autoscaling", &kind, &resources, &detail);
    }

    /// The payload is UNCONFIRMED (aws-facts 1.6): the instance is named in `resources` and in the detail.
    pub(super) fn publish_registration(&mut self, now: Timestamp, id: &str) {
        let resources = [self.instance_arn(id)];
        self.publish(now, "aws.ssm", "SSM Managed Instance Registration", &resources, &json!({"instance-id": id}));
    }

    /// aws-facts 1.5: no exit code, no details, no output.
    pub(super) fn publish_invocation(&mut self, now: Timestamp, command: &str, id: &str) {
        let Some((command, invocation)) =
            self.commands.get(command).and_then(|command| Some((command, command.invocations.get(id)?)))
        else {
            return;
        };
        let detail = json!({
            "command-id": command.id, "document-name": command.document, "instance-id": id,
            "requested-date-time": command.requested, "status": event_status(invocation.state.status()),
        });
        let resources = [self.instance_arn(id)];
        self.publish(now, "aws.ssm", "EC2 Command Invocation Status-change Notification", &resources, &detail);
    }

    /// aws-facts 1.4.
    pub(super) fn publish_command(&mut self, now: Timestamp, command: &str) {
        let Some(command) = self.commands.get(command) else {
            return;
        };
        let detail = json!({
            "command-id": command.id, "document-name": command.document, "expire-after": command.expires,
            "parameters": command.parameters, "requested-date-time": command.requested,
            "status": event_status(command.state.status()),
        });
        let resources: Vec<String> = Command::instances(command).map(|id| self.instance_arn(id)).collect();
        self.publish(now, "aws.ssm", "EC2 Command Status-change Notification", &resources, &detail);
    }

    /// aws-facts 1.7.
    pub(super) fn publish_deployment(&mut self, now: Timestamp, id: &str) {
        let Some((deployment, group)) = self.deployment_with_group(id) else { return };
        let detail = json!({
            "region": self.settings.region, "deploymentId": id, "instanceGroupId": group,
            "application": deployment.members.application, "deploymentGroup": deployment.members.group,
            "state": deployment.status.in_event(),
        });
        let resources = self.deployment_arns(deployment);
        self.publish(now, "aws.codedeploy", "CodeDeploy Deployment State-change Notification", &resources, &detail);
    }

    /// aws-facts 1.8; only of instances.
    pub(super) fn publish_target(&mut self, now: Timestamp, id: &str, instance: &str, state: &str) {
        let Some((deployment, group)) = self.deployment_with_group(id) else { return };
        if deployment.platform != "Server" {
            return;
        }
        let detail = json!({
            "instanceId": instance, "region": self.settings.region, "state": state, "application":
            deployment.members.application, "deploymentId": id, "instanceGroupId": group,
            "deploymentGroup": deployment.members.group,
        });
        let [application, group] = self.deployment_arns(deployment);
        let resources = [self.instance_arn(instance), group, application];
        self.publish(now, "aws.codedeploy", "CodeDeploy Instance State-change Notification", &resources, &detail);
    }

    fn deployment_with_group(&self, id: &str) -> Option<(&Deployment, &str)> {
        let deployment = self.deployments.get(id)?;
        let group = self.deployment_group(&deployment.members.application, &deployment.members.group).ok()?;
        Some((deployment, &group.id))
    }

    /// The application's and the deployment group's.
    fn deployment_arns(&self, deployment: &Deployment) -> [String; 2] {
        let start = format!("arn:aws:codedeploy:{}:{}", self.settings.region, self.settings.account);
        let (application, group) = (&deployment.members.application, &deployment.members.group);
        [format!("{start}:application:{application}"), format!("{start}:deploymentgroup:{application}/{group}")]
    }

    pub(super) fn group_arn(&mut self, name: &str) -> String {
        let id = self.chance.uuid();
        format!(
            "arn:aws:autoscaling:{}:{}:autoScalingGroup:{id}:autoScalingGroupName/{name}",
            self.settings.region, self.settings.account
        )
    }

    pub(crate) fn instance_arn(&self, id: &str) -> String {
        format!("arn:aws:ec2:{}:{}:instance/{id}", self.settings.region, self.settings.account)
    }
}

fn activity_detail(now: Timestamp, activity: &Activity, group: &Group) -> Value {
    let subnet = group.subnets.clone().unwrap_or_else(|| "subnet-0123456789abcdef0".to_owned());
    let mut detail = json!({
        // The event's own word: AWS's example has `Failed` where `DescribeScalingActivities` says `Cancelled`
        // (aws-facts 1.3).
        "StatusCode": if activity.cancelled() { "Failed" } else { "InProgress" },
        "AutoScalingGroupName": activity.group, "ActivityId": activity.id,
        "Details": {"Availability Zone": activity.zone, "Subnet ID": subnet},
        "RequestId": activity.id, "StatusMessage": activity.message(),
        "StartTime": activity.began, "EndTime": now, "EC2InstanceId": activity.instance, "Cause": activity.cause,
    });
    if let (false, Some(members)) = (activity.cancelled(), detail.as_object_mut()) {
        members.insert("Description".to_owned(), json!(activity.description));
    }
    detail
}

fn activity_kind(activity: &Activity) -> String {
    let doing = if activity.launches { "Launch" } else { "Terminate" };
    let came = if activity.cancelled() { "Unsuccessful" } else { "Successful" };
    format!("EC2 Instance {doing} {came}")
}

/// Only groups with a warm pool say where an instance comes from and goes to (aws-facts 1.1).
fn add_ends(detail: &mut Value, from: Place, to: Place) {
    let ends: Map<String, Value> = [("Origin", from), ("Destination", to)]
        .into_iter()
        .map(|(key, place)| (key.to_owned(), json!(place.text())))
        .collect();
    if let Some(members) = detail.as_object_mut() {
        members.extend(ends);
    }
}

/// The documentation of the events spells this one differently from the API (aws-facts 1.5).
fn event_status(status: &str) -> &str {
    if status == "Cancelled" { "Canceled" } else { status }
}

fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.millis().div_euclid(1000) * 1000)
}
