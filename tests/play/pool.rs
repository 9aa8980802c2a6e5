//! What the groups of a play are: the gate's, and with a warm pool through which their instances go.

use super::scene::GROUP;
use super::{Play, PlayError};
use crate::fleet::What;
use crate::fleet::story::Story;

impl Play {
    /// Whether the launches of this story are the gate's.
    #[must_use]
    pub fn gated(&self, story: &Story) -> bool {
        let group = story.group.as_ref().and_then(|group| self.groups.get(group));
        group.is_none_or(|group| group.policy.is_some())
    }

    /// Launches an instance for each story of the group into its warm pool.
    pub(super) async fn fill_pool(&self, group: &str) -> Result<(), PlayError> {
        let wanted = self.count_first_launches(group).to_string();
        let pool = ["--pool-state", "Stopped", "--min-size", &wanted, "--max-group-prepared-capacity", &wanted];
        self.aws(&[&["autoscaling", "put-warm-pool", "--auto-scaling-group-name", group], &pool[..]].concat()).await
    }

    /// Whether the instances of this story go through a warm pool.
    pub(super) fn is_pooled(&self, story: &Story) -> bool {
        story.group.as_ref().and_then(|group| self.groups.get(group)).is_some_and(|group| group.pool)
    }

    pub(super) fn count_stories(&self, group: &str) -> usize {
        self.stories.iter().filter(|story| story.group.as_deref().unwrap_or(GROUP) == group).count()
    }

    /// An instance in service for each story of the group; in one that replaces its instances, for the first.
    pub(super) async fn desire(&self, group: &str) -> Result<(), PlayError> {
        let wanted = self.count_first_launches(group).to_string();
        let size = ["--auto-scaling-group-name", group, "--desired-capacity", &wanted];
        self.aws(&[&["autoscaling", "set-desired-capacity"], &size[..]].concat()).await
    }

    /// Scales out the groups whose warm pool is full by now.
    pub(super) async fn leave_pools(&mut self) -> Result<(), PlayError> {
        let in_pool = |instance: &str| {
            self.timeline.iter().any(|entry| entry.instance == instance && matches!(entry.what, What::InPool { .. }))
        };
        let resting = |group: &String| {
            let own = self.instances().filter(|(_, story)| story.group.as_ref() == Some(group));
            own.filter(|(instance, _)| in_pool(instance)).count() >= self.count_stories(group)
        };
        let full: Vec<String> = self.filling.iter().filter(|group| resting(group)).cloned().collect();
        for group in full {
            self.desire(&group).await?;
            self.filling.remove(&group);
        }
        Ok(())
    }
}
