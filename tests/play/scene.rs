//! A play: starts everything that it needs, and passes the fleet's news on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lifecycle::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

use super::read::{read, shell_words};
use super::{End, Ends, PlayError};
use crate::fleet::door::server::{Clock, News, Server};
use crate::fleet::driver::Sandboxes;
use crate::fleet::story::{Group, Stories, Story};
use crate::fleet::{Entry, Fleet, What};
use crate::stack::LocalStack;

/// The group that is opted in, and whose instances live the stories that name no other.
pub const GROUP: &str = "web";

/// A play in progress. Dropping it ends everything that it started.
pub struct Play {
    /// The fleet: autoscaling, ssm, and what happens to instances.
    pub fleet: Arc<Server>,
    /// The stack: EventBridge, SQS, the function and its log.
    pub stack: LocalStack,
    /// The stories, in the order of the launches.
    pub stories: Vec<Story>,
    /// The groups of the story file, beside the play's own.
    pub groups: BTreeMap<String, Group>,
    /// When the group was scaled out.
    pub began: Timestamp,
    /// What happened so far.
    pub timeline: Vec<Entry>,
    /// How launches were settled so far, as the function's log says, by instance.
    pub settled: BTreeMap<String, Value>,
    /// The last line of each breaker that tripped, by group.
    pub breakers: BTreeMap<String, Value>,
    /// The groups whose blue/green deployment has begun.
    pub(super) copied: BTreeSet<String>,
    pub(super) cast: Stories,
    /// The groups whose warm pool is not full yet.
    pub(super) filling: BTreeSet<String>,
    news: UnboundedReceiver<News>,
    sandboxes: Arc<Sandboxes>,
}

impl Play {
    /// Reads a story file, starts the fleet and the stack, and deploys; `tell` hears what takes time.
    ///
    /// # Errors
    /// [`PlayError`]: a bad file, or a part that does not come up.
    pub async fn prepare(path: &Path, tell: &dyn Fn(&str)) -> Result<Self, PlayError> {
        let stories = read(path)?;
        let mut fleet = Fleet::new(seed(), now());
        // What replaces a lost instance would be a story that nobody wrote.
        fleet.settings.replacements = Some(0);
        let told = stories.upcoming().cloned().collect();
        let cast = stories.clone();
        let groups = stories.groups().map(|(name, group)| (name.clone(), group.clone())).collect();
        fleet.tell(stories);
        let (fleet, news) = Server::start(fleet, 0, Clock::Real).await?;
        tell(
            "starting ministack (EventBridge, SQS, Lambda, CloudFormation) and the fleet (Auto Scaling, SSM, CodeDeploy)",
        );
        let mut stack = LocalStack::start(&fleet.url).await?;
        tell("sam deploy");
        stack.deploy(&[("Breaker", "enabled")]).await?;
        let sandboxes = Arc::new(Sandboxes::start().await?);
        let (fleet, began) = (Arc::new(fleet), now());
        let (timeline, settled, breakers) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        let (copied, filling) = (BTreeSet::new(), BTreeSet::new());
        Ok(Self {
            fleet,
            stack,
            stories: told,
            copied,
            cast,
            filling,
            groups,
            began,
            timeline,
            settled,
            breakers,
            news,
            sandboxes,
        })
    }

    /// Creates the group and opts it in with the command that the stack's `OptIn` output prints; returns that command.
    ///
    /// # Errors
    /// [`PlayError::Cli`] with what the AWS CLI printed.
    pub async fn opt_in(&self, policy: &Value, heartbeat: u32) -> Result<String, PlayError> {
        self.opt_group_in(GROUP, policy, heartbeat).await
    }

    async fn opt_group_in(&self, group: &str, policy: &Value, heartbeat: u32) -> Result<String, PlayError> {
        self.create_group(group).await?;
        let printed = self.stack.output("OptIn").unwrap_or_default();
        let command = printed
            .replace("YOUR-GROUP", group)
            .replace("--heartbeat-timeout 600", &format!("--heartbeat-timeout {heartbeat}"))
            .replace("'{\"ready_within\": 600}'", &format!("'{policy}'"));
        let words = shell_words(command.trim_start_matches("aws "));
        self.aws(&words.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        Ok(command)
    }

    /// Creates the groups of the story file: opted in where they have a policy, and with a deployment group of
    /// `CodeDeploy`, and its own hook, where they have that.
    ///
    /// # Errors
    /// [`PlayError`]: what the AWS CLI printed, or a first deployment that did not succeed.
    pub async fn create_groups(&self) -> Result<(), PlayError> {
        for (name, group) in &self.groups {
            match &group.policy {
                Some(policy) => drop(self.opt_group_in(name, policy, group.heartbeat).await?),
                None => self.create_group(name).await?,
            }
        }
        self.open_shop().await?;
        let replacing = self.groups.iter().filter(|(_, group)| group.replaces);
        self.fleet.with(|fleet| {
            replacing.for_each(|(name, _)| fleet.replace_all(name));
            fleet.tell(self.cast.clone());
        });
        Ok(())
    }

    pub(super) async fn create_group(&self, name: &str) -> Result<(), PlayError> {
        let group = json!({
            "AutoScalingGroupName": name, "MinSize": 0, "MaxSize": 1000, "DesiredCapacity": 0,
            "AvailabilityZones": ["us-east-1a"], "LaunchTemplate": {"LaunchTemplateName": name},
        });
        self.aws(&["autoscaling", "create-auto-scaling-group", "--cli-input-json", &group.to_string()]).await
    }

    /// Launches one instance for each story, in its group.
    ///
    /// # Errors
    /// [`PlayError::Cli`] with what the AWS CLI printed.
    pub async fn scale_out(&mut self) -> Result<(), PlayError> {
        self.began = now();
        for group in self.groups.keys().map(String::as_str).chain([GROUP]) {
            if self.groups.get(group).is_some_and(|group| group.pool) {
                self.fill_pool(group).await?;
                self.filling.insert(group.to_owned());
            } else {
                self.desire(group).await?;
            }
        }
        Ok(())
    }

    /// Passes on whatever happens within `time`; returns the entries that are new.
    ///
    /// # Errors
    /// [`PlayError`] when the stack does not take an event or does not answer.
    pub async fn pass(&mut self, time: Duration) -> Result<Vec<Entry>, PlayError> {
        let (known, end) = (self.timeline.len(), tokio::time::Instant::now() + time);
        while let Ok(Some(news)) = tokio::time::timeout_at(end, self.news.recv()).await {
            match news {
                News::Entry(entry) => self.timeline.push(entry),
                News::Event(event) => self.stack.put_events(&[event.envelope]).await?,
                News::Script(script) => Sandboxes::run(&self.sandboxes, &self.fleet, script),
                News::Revision(script) => self.run_revision(script),
            }
        }
        self.read_log().await?;
        self.leave_pools().await?;
        self.begin_copies().await?;
        Ok(self.timeline.get(known..).unwrap_or_default().to_vec())
    }

    /// Whether every launch has ended: with its line in the function's log, or without the gate in whatever way; and
    /// whatever `CodeDeploy` began for it.
    #[must_use]
    pub fn over(&self) -> bool {
        let launches = self.instances();
        let ended = launches.filter(|(instance, story)| self.has_ended(instance, story)).count() >= self.stories.len();
        ended && self.have_breakers_tripped()
    }

    pub(super) fn has_ended(&self, instance: &str, story: &Story) -> bool {
        let own = || self.timeline.iter().filter(|entry| entry.instance == instance).map(|entry| &entry.what);
        let left = || own().any(|what| matches!(what, What::InService | What::Terminating { .. }));
        let begun = own().filter(|what| matches!(what, What::Deploys { .. })).count();
        let deployed = own().filter(|what| matches!(what, What::Deployed { .. })).count();
        let told = self.settled.contains_key(instance) || !self.gated(story);
        let expected = usize::from(self.is_green(story));
        told && begun >= expected
            && begun == deployed
            && (left() || begun == 0 && self.gated(story) && !self.is_pooled(story))
    }

    /// The instances, in the order of their launches, with their stories.
    pub fn instances(&self) -> impl Iterator<Item = (&str, &Story)> {
        self.timeline.iter().filter_map(|entry| {
            let What::Launched { story, .. } = &entry.what else { return None };
            Some((entry.instance.as_str(), self.stories.iter().find(|told| told.name == *story)?))
        })
    }

    /// How each launch ended.
    #[must_use]
    pub fn ends(&self) -> Ends {
        Ends(self.instances().map(|(instance, story)| self.end(instance, story)).collect())
    }

    pub(super) fn end(&self, instance: &str, story: &Story) -> End {
        let own: Vec<&Entry> = self.timeline.iter().filter(|entry| entry.instance == instance).collect();
        End::of(&own, self.settled.get(instance), self.gated(story), story)
    }

    /// The AWS CLI at the fleet.
    pub(super) async fn aws(&self, arguments: &[&str]) -> Result<(), PlayError> {
        let output = self.stack.tool("aws").args(arguments).args(["--endpoint-url", &self.fleet.url]).output().await?;
        if output.status.success() {
            return Ok(());
        }
        let output = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(PlayError::Cli { command: arguments.join(" "), output })
    }
}

impl Drop for Play {
    fn drop(&mut self) {
        self.sandboxes.close();
    }
}

fn now() -> Timestamp {
    Timestamp::default() + SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// New ids with each play.
fn seed() -> u64 {
    now().millis().unsigned_abs()
}
