//! Blue/green deployments in a play: a group is copied as soon as its own launches are in service. Its hooks are copied
//! with it, which nobody has seen AWS do or not do (aws-facts 14).

use super::shop::{APPLICATION, REVISION};
use super::{Play, PlayError};
use crate::fleet::story::Story;
use crate::fleet::{CopiesHooks, What};

/// The next deployment copies the group, and deletes it when it has succeeded.
const COPY: [&str; 4] = [
    "--deployment-style",
    "deploymentType=BLUE_GREEN,deploymentOption=WITH_TRAFFIC_CONTROL",
    "--blue-green-deployment-configuration",
    "greenFleetProvisioningOption={action=COPY_AUTO_SCALING_GROUP},\
     terminateBlueInstancesOnDeploymentSuccess={action=TERMINATE}",
];

impl Play {
    /// Prepares the groups that will be copied.
    pub(super) async fn open_copies(&self) -> Result<(), PlayError> {
        self.fleet.with(|fleet| fleet.settings.codedeploy.copies_hooks = CopiesHooks::WithTheGroup);
        for (name, _) in self.groups.iter().filter(|(_, group)| group.copied) {
            let named = [&APPLICATION[..], &["--current-deployment-group-name", name], &COPY].concat();
            self.aws(&[&["deploy", "update-deployment-group"], &named[..]].concat()).await?;
        }
        Ok(())
    }

    /// Begins the deployments whose groups are in service.
    pub(super) async fn begin_copies(&mut self) -> Result<(), PlayError> {
        let copied = self.groups.iter().filter(|(name, group)| group.copied && !self.copied.contains(*name));
        let due: Vec<String> = copied.map(|(name, _)| name.clone()).filter(|name| self.is_in_service(name)).collect();
        for name in due {
            let named = [&APPLICATION[..], &["--deployment-group-name", &name], &REVISION].concat();
            self.aws(&[&["deploy", "create-deployment"], &named[..]].concat()).await?;
            self.copied.insert(name);
        }
        Ok(())
    }

    /// Whether an instance of this story gets its revision only after it is in service.
    #[must_use]
    pub fn is_green(&self, story: &Story) -> bool {
        let copy = story.group.as_deref().and_then(|group| group.strip_prefix("CodeDeploy_"));
        copy.is_some_and(|name| self.groups.get(name).is_some_and(|group| group.copied))
    }

    /// Whether all launches into this group are in service, and there is one.
    fn is_in_service(&self, group: &str) -> bool {
        let own = self.stories.iter().filter(|story| story.group.as_deref() == Some(group)).count();
        let serves = |(instance, story): &(&str, &Story)| {
            let arrived =
                self.timeline.iter().any(|entry| entry.instance == *instance && entry.what == What::InService);
            story.group.as_deref() == Some(group) && arrived
        };
        own > 0 && self.instances().filter(serves).count() >= own
    }
}
