//! The speed of the fleet, and its behaviour where AWS does not document it.

use std::time::Duration;

use super::codedeploy_settings::CodeDeploySettings;

/// The settings of a fleet. A setting that stands for an unconfirmed fact says so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
pub struct Settings {
    /// The account in ARNs and envelopes.
    pub account: String,
    /// The Region in ARNs and envelopes.
    pub region: String,
    /// How long an instance is `Pending` (or `Terminating`) before its hooks start.
    pub pending: Duration,
    /// How long it is `Pending:Proceed` (or `Terminating:Proceed`) after the last hook.
    pub proceeding: Duration,
    /// How long a terminated instance is still described.
    pub terminated_shown: Duration,
    /// How long a group takes to replace an instance.
    pub replaces_after: Duration,
    /// How many failed or lost instances a group replaces; `None`: all. AWS slows down launches of a group whose hooks
    /// keep failing, but publishes no numbers (aws-facts 2.3).
    pub replacements: Option<u32>,
    /// From `Pending:Wait` being visible to the lifecycle action being accepted.
    pub action_accepted_after: Duration,
    /// Whether termination hooks run after a failed launch. UNCONFIRMED; they do by default.
    pub hooks_after_failed_launch: bool,
    /// How long a group takes to see that an instance was terminated from outside.
    pub death_seen_after: Duration,
    /// From the beginning of a scaling activity to `DescribeScalingActivities` listing it.
    pub activities_seen_after: Duration,
    /// From its end to `DescribeScalingActivities` telling the end, with its status and its message.
    pub activities_told_after: Duration,
    /// From the last ping to `ConnectionLost`. UNCONFIRMED number (aws-facts 6.1).
    pub connection_lost_after: Duration,
    /// From `SendCommand` to the agent having it.
    pub delivery: Duration,
    /// A command that cannot be delivered is `Delayed` and tried again this often. UNCONFIRMED number.
    pub delivery_retry: Duration,
    /// From `SendCommand` to its invocations being seen (aws-facts 6.4: eventually consistent).
    pub invocations_seen_after: Duration,
    /// `aws:configurePackage` first sleeps for a time between these, at random (aws-facts 17). Where packages are real it
    /// does not.
    pub distributor_sleeps: (Duration, Duration),
    /// `Delivery Timed Out` rather than `DeliveryTimedOut`; both occur (aws-facts 6.3).
    pub spaced_details: bool,
    /// Whether the `aws.ssm` events, which only say "look now", are published.
    pub nudges: bool,
    /// Whether `SSM Managed Instance Registration` is among them. UNCONFIRMED for EC2 (aws-facts 1.6).
    pub registration_events: bool,
    /// Whether Default Host Management is on: then the setting names a role (aws-facts 6.1). Nothing else changes.
    pub host_management: bool,
    /// The clocks of `CodeDeploy`.
    pub codedeploy: CodeDeploySettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            account: "000000000000".to_owned(),
            region: "us-east-1".to_owned(),
            pending: Duration::from_secs(1),
            proceeding: Duration::ZERO,
            terminated_shown: Duration::from_mins(1),
            replaces_after: Duration::from_secs(5),
            replacements: None,
            action_accepted_after: Duration::ZERO,
            hooks_after_failed_launch: true,
            death_seen_after: Duration::from_secs(30),
            activities_seen_after: Duration::ZERO,
            activities_told_after: Duration::ZERO,
            connection_lost_after: Duration::from_mins(10),
            delivery: Duration::from_millis(500),
            delivery_retry: Duration::from_secs(15),
            invocations_seen_after: Duration::from_millis(200),
            distributor_sleeps: (Duration::from_secs(1), Duration::from_secs(15)),
            spaced_details: true,
            nudges: true,
            registration_events: true,
            host_management: false,
            codedeploy: CodeDeploySettings::default(),
        }
    }
}
