//! Scaling activities: the answers of `DescribeScalingActivities`, and the events at their end.

use std::time::Duration;

use lifecycle::Timestamp;

use super::Fleet;
use super::instances::Instance;
use super::states::Place;

/// One launch or termination.
pub(crate) struct Activity {
    pub(crate) id: String,
    pub(crate) group: String,
    pub(crate) instance: String,
    pub(crate) launches: bool,
    pub(crate) cause: String,
    pub(crate) description: String,
    pub(crate) began: Timestamp,
    pub(super) ended: Option<Timestamp>,
    /// [BOTO autoscaling:ScalingActivityStatusCode]
    pub(super) status: &'static str,
    /// What the status was before the activity ended.
    under_way: &'static str,
    message: Option<String>,
    pub(crate) zone: String,
}

/// An activity as `DescribeScalingActivities` tells it.
pub(crate) struct Told<'a> {
    pub(crate) activity: &'a Activity,
    pub(crate) status: &'static str,
    pub(crate) ended: Option<Timestamp>,
    pub(crate) message: Option<&'a str>,
    pub(crate) progress: u8,
}

impl Activity {
    fn begun(id: String, now: Timestamp, instance: &Instance, launches: bool, cause: &str) -> Self {
        let (doing, status) =
            if launches { ("Launching a new", "PreInService") } else { ("Terminating", "InProgress") };
        Self {
            id,
            group: instance.group.clone(),
            instance: instance.id.clone(),
            launches,
            cause: cause.chars().take(1023).collect(),
            description: format!("{doing} EC2 instance: {}", instance.id),
            began: now,
            ended: None,
            status,
            under_way: status,
            message: None,
            zone: instance.zone.clone(),
        }
    }

    pub(super) fn cancelled(&self) -> bool {
        self.status == CANCELLED
    }

    /// The text for a launch that did not come into service; else nothing.
    pub(super) fn message(&self) -> &str {
        self.message.as_deref().unwrap_or_default()
    }

    fn close(&mut self, now: Timestamp, status: &'static str) {
        self.under_way = self.status;
        self.status = status;
        self.ended = Some(now);
    }

    /// For `late` after its end it is told as it was before.
    pub(crate) fn told(&self, now: Timestamp, late: Duration) -> Told<'_> {
        let ended = self.ended.filter(|at| *at + late <= now);
        let (message, progress) = if ended.is_some() { (self.message.as_deref(), 100) } else { (None, 50) };
        let status = if ended == self.ended { self.status } else { self.under_way };
        Told { activity: self, status, ended, message, progress }
    }
}

/// How a launch ends that was abandoned or timed out, or whose instance became unhealthy (aws-facts 2.4, 13).
const CANCELLED: &str = "Cancelled";
/// How a launch ends that EC2 refused (aws-facts 13).
const FAILED: &str = "Failed";
const NO_CAPACITY: &str = "We currently do not have sufficient t3.micro capacity in the Availability Zone you requested. \
    Launching EC2 instance failed.";

/// How an activity ended.
pub(super) enum Outcome {
    Successful,
    Cancelled(String),
}

impl Fleet {
    pub(super) fn start_launch_activity(&mut self, now: Timestamp, id: &str, cause: &str) {
        self.start_activity(now, id, true, cause);
    }

    pub(super) fn start_termination_activity(&mut self, now: Timestamp, id: &str, why: &str) {
        let cause = format!("At {now} an instance was terminated: {why}");
        self.start_activity(now, id, false, &cause);
    }

    /// EC2 has no capacity: the launch ends as it begins, without an instance.
    pub(super) fn add_refused_launch(&mut self, now: Timestamp, group: &str, zone: String, cause: &str) {
        let key = self.activities.len() as u64;
        let activity = Activity {
            id: self.chance.uuid(),
            group: group.to_owned(),
            instance: String::new(),
            launches: true,
            cause: cause.chars().take(1023).collect(),
            description: format!("Launching a new EC2 instance.  Status Reason: {NO_CAPACITY}"),
            began: now,
            ended: Some(now),
            status: FAILED,
            under_way: "PreInService",
            message: Some(NO_CAPACITY.to_owned()),
            zone,
        };
        self.activities.insert(key, activity);
    }

    fn start_activity(&mut self, now: Timestamp, id: &str, launches: bool, cause: &str) {
        let key = self.activities.len() as u64;
        let activity_id = self.chance.uuid();
        let Some(instance) = self.instances.get_mut(id) else {
            return;
        };
        let before = instance.activity.replace(key);
        let activity = Activity::begun(activity_id, now, instance, launches, cause);
        self.activities.insert(key, activity);
        self.cancel_activity(now, before);
    }

    /// What an instance was doing when something else began.
    fn cancel_activity(&mut self, now: Timestamp, key: Option<u64>) {
        let under_way = key.and_then(|key| self.activities.get_mut(&key)).filter(|activity| activity.ended.is_none());
        if let Some(activity) = under_way {
            activity.close(now, CANCELLED);
        }
    }

    pub(super) fn activity_waits(&mut self, key: Option<u64>) {
        if let Some(activity) = key.and_then(|key| self.activities.get_mut(&key)) {
            activity.status = "MidLifecycleAction";
        }
    }

    /// Ends the instance's current activity, and announces it.
    pub(super) fn finish_activity(&mut self, now: Timestamp, id: &str, outcome: &Outcome) {
        let Some(instance) = self.instances.get(id) else {
            return;
        };
        let (Some(key), state) = (instance.activity, instance.state) else {
            return;
        };
        let Some(activity) = self.activities.get_mut(&key).filter(|activity| activity.ended.is_none()) else {
            return;
        };
        match outcome {
            Outcome::Successful => activity.close(now, "Successful"),
            Outcome::Cancelled(why) => {
                activity.close(now, CANCELLED);
                activity.message = Some(why.clone());
            }
        }
        // A termination that ends in the pool is announced like any other.
        let pool = [state.from, state.to].contains(&Place::WarmPool);
        self.publish_activity(now, key, pool.then_some((state.from, state.to)));
    }

    /// The activities that can be seen, with what is told of each: those in progress first, then the newest first
    /// (aws-facts 2.4).
    pub(crate) fn seen_activities(&self, now: Timestamp) -> Vec<Told<'_>> {
        let settings = &self.settings;
        let newest_first = self.activities.values().rev();
        let seen = newest_first.filter(|activity| activity.began + settings.activities_seen_after <= now);
        let mut told: Vec<_> = seen.map(|activity| activity.told(now, settings.activities_told_after)).collect();
        told.sort_by_key(|told| told.ended.is_some());
        told
    }
}
