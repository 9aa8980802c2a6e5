//! The launches of a group, read from its scaling activities.

use std::collections::BTreeSet;

use crate::identity::InstanceId;
use crate::timestamp::Timestamp;

/// One entry of `DescribeScalingActivities`.
#[derive(Clone, Debug)]
pub struct Activity {
    /// `Launching a new EC2 instance: i-…`, also `… into warm pool: i-…`; `Terminating EC2 instance: i-…`.
    pub description: String,
    /// Why it was begun, in AWS's words.
    pub cause: String,
    /// `StatusCode`.
    pub status: String,
    /// `StatusMessage`: why a launch failed, in AWS's words.
    pub message: String,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
}

/// One launch that got an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// The instance.
    pub instance: InstanceId,
    /// When it began.
    pub began: Timestamp,
    /// How it ended.
    pub end: End,
}

/// How a launch ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It goes on.
    Open,
    /// The instance came into service, or into the warm pool.
    Succeeded(Timestamp),
    /// It did not, and why, in AWS's words.
    Failed(Timestamp, String),
}

impl Launch {
    /// When it failed.
    #[must_use]
    pub fn failed_at(&self) -> Option<Timestamp> {
        if let End::Failed(at, _) = &self.end { Some(*at) } else { None }
    }

    /// When it succeeded.
    #[must_use]
    pub fn succeeded_at(&self) -> Option<Timestamp> {
        if let End::Succeeded(at) = &self.end { Some(*at) } else { None }
    }

    /// Why it failed, in AWS's words.
    #[must_use]
    pub fn why(&self) -> &str {
        if let End::Failed(_, why) = &self.end { why } else { "" }
    }
}

/// The launches among these activities. One that EC2 refused has no instance (aws-facts 13). One that was taken back, or
/// whose Spot instance was interrupted, says nothing about its group.
#[must_use]
pub fn list_launches(activities: &[Activity], now: Timestamp) -> Vec<Launch> {
    let interruptions = activities.iter().filter(|activity| is_interruption(activity));
    let interrupted: BTreeSet<InstanceId> = interruptions.filter_map(read_instance).collect();
    let launches = activities.iter().filter_map(|activity| read_launch(activity, now));
    launches.filter(|launch| launch.failed_at().is_none() || !interrupted.contains(&launch.instance)).collect()
}

/// What AWS has accepted an ABANDON for has failed, though its activity may tell that only seconds later.
pub fn mark_abandoned(launches: &mut [Launch], abandoned: &BTreeSet<InstanceId>, now: Timestamp) {
    for launch in launches.iter_mut().filter(|launch| launch.end == End::Open && abandoned.contains(&launch.instance)) {
        launch.end = End::Failed(now, String::new());
    }
}

fn read_launch(activity: &Activity, now: Timestamp) -> Option<Launch> {
    let instance = read_instance(activity).filter(|_| activity.description.starts_with("Launching"))?;
    let ended = activity.ended.unwrap_or(now);
    let end = match activity.status.as_str() {
        // An instance that warms up is in service.
        "Successful" | "WaitingForInstanceWarmup" => End::Succeeded(ended),
        // Whoever scales in while an instance waits takes its launch back. Then nobody says why it failed.
        "Cancelled" if activity.message.is_empty() => return None,
        "Cancelled" | "Failed" => End::Failed(ended, activity.message.clone()),
        _ => End::Open,
    };
    Some(Launch { instance, began: activity.began, end })
}

fn read_instance(activity: &Activity) -> Option<InstanceId> {
    let (_, id) = activity.description.rsplit_once(' ')?;
    InstanceId::try_from(id.to_owned()).ok()
}

/// Whether EC2 takes a Spot instance away (aws-facts 13). What is launched in its place names the same cause.
fn is_interruption(activity: &Activity) -> bool {
    let terminates = activity.description.starts_with("Terminating");
    terminates
        && ["Spot Instance interruption", "rebalance recommendation"].iter().any(|words| activity.cause.contains(words))
}
