//! Scaling activities: the answers of `DescribeScalingActivities`, and the events at their end.

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
    pub(crate) ended: Option<Timestamp>,
    /// [BOTO autoscaling:ScalingActivityStatusCode]
    pub(crate) status: &'static str,
    pub(crate) message: Option<String>,
    pub(crate) zone: String,
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
            message: None,
            zone: instance.zone.clone(),
        }
    }

    pub(super) fn failed(&self) -> bool {
        self.status == "Failed"
    }

    pub(crate) const fn progress(&self) -> u8 {
        if self.ended.is_some() { 100 } else { 50 }
    }
}

/// How an activity ended.
pub(super) enum Outcome {
    Successful,
    Failed(String),
}

impl Fleet {
    pub(super) fn start_launch_activity(&mut self, now: Timestamp, id: &str, cause: &str) {
        self.start_activity(now, id, true, cause);
    }

    pub(super) fn start_termination_activity(&mut self, now: Timestamp, id: &str, why: &str) {
        let cause = format!("At {now} an instance was terminated: {why}");
        self.start_activity(now, id, false, &cause);
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
            activity.status = "Cancelled";
            activity.ended = Some(now);
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
        activity.ended = Some(now);
        match outcome {
            Outcome::Successful => activity.status = "Successful",
            Outcome::Failed(why) => {
                // AWS says `Cancelled` if a hook was abandoned or timed out (aws-facts 2.4). The fleet does not.
                activity.status = "Failed";
                activity.message = Some(why.clone());
            }
        }
        // A termination that ends in the pool is announced like any other.
        let pool = [state.from, state.to].contains(&Place::WarmPool);
        self.publish_activity(now, key, pool.then_some((state.from, state.to)));
    }
}
