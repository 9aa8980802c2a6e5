//! A world with CodeDeploy in it. The group `web` belongs to a deployment group, so CodeDeploy's own hook stands next
//! to ours, and every launch gets the last successful revision.

use launchgate_tests::fleet::story::Stories;
use launchgate_tests::fleet::{By, What};
use serde_json::{Value, json};

use super::world::{World, hook};

pub(super) const OF_CODEDEPLOY: &str = "CodeDeploy-managed-automatic-launch-deployment-hook-";
/// The shortest part of a time-out of ours: nothing here waits for a tick of it.
const HEARTBEAT: u32 = 600;

impl World {
    /// The good revision came to an instance beside the group, as AWS advises (aws-facts 3.4).
    pub(super) async fn shop(policy: &Value, stories: &str) -> Self {
        Self::shop_hooked(&[hook("launchgate", HEARTBEAT, policy)], stories).await
    }

    /// The same, without our hook.
    pub(super) async fn shop_without_gate(stories: &str) -> Self {
        Self::shop_hooked(&[], stories).await
    }

    async fn shop_hooked(hooks: &[Value], stories: &str) -> Self {
        let mut world = Self::hooked(hooks, "");
        let tags = json!([{"Key": "app", "Value": "shop", "PropagateAtLaunch": true}]);
        let first = json!({
            "AutoScalingGroupName": "first", "MinSize": 1, "MaxSize": 1, "DesiredCapacity": 1, "Tags": tags,
            "AvailabilityZones": ["us-east-1a"], "LaunchTemplate": {"LaunchTemplateName": "web"},
        });
        world.call("autoscaling", "CreateAutoScalingGroup", &first);
        world.pass(40).await;
        world.call("codedeploy", "CreateApplication", &json!({"applicationName": "shop"}));
        world.deployment_group("prod", &["web"], &["app"]);
        let good = world.deploy("prod");
        world.pass(10).await;
        assert_eq!(world.status(&good), "Succeeded");
        // Told from here on are launches into the group.
        world.timeline.clear();
        world.with(|fleet| fleet.tell(Stories::parse(stories).unwrap()));
        world
    }

    /// Of these Auto Scaling groups, and of the instances with one of these tags.
    pub(super) fn deployment_group(&self, name: &str, groups: &[&str], tags: &[&str]) {
        let tags: Vec<Value> = tags.iter().map(|key| json!({"Key": key, "Type": "KEY_ONLY"})).collect();
        let members = json!({
            "applicationName": "shop", "deploymentGroupName": name, "autoScalingGroups": groups, "ec2TagFilters": tags,
            "serviceRoleArn": "arn:aws:iam::111122223333:role/deploy",
        });
        self.call("codedeploy", "CreateDeploymentGroup", &members);
    }

    /// A deployment that a user begins.
    pub(super) fn deploy(&self, group: &str) -> String {
        let revision =
            json!({"revisionType": "S3", "s3Location": {"bucket": "shop", "key": "1.zip", "bundleType": "zip"}});
        let members = json!({"applicationName": "shop", "deploymentGroupName": group, "revision": revision});
        self.call("codedeploy", "CreateDeployment", &members)["deploymentId"].as_str().unwrap().to_owned()
    }

    pub(super) fn status(&self, deployment: &str) -> String {
        let answer = self.call("codedeploy", "GetDeployment", &json!({"deploymentId": deployment}));
        answer["deploymentInfo"]["status"].as_str().unwrap().to_owned()
    }

    /// What `CodeDeploy` began for launches, the oldest first.
    pub(super) fn begun_for_launches(&self) -> Vec<String> {
        let begun = self.timeline.iter().filter_map(|entry| {
            let What::Deploys { deployment } = &entry.what else { return None };
            Some(deployment.clone())
        });
        begun.collect()
    }

    /// Lets time pass until this has happened to the story; the seconds.
    pub(super) async fn until(&mut self, story: &str, happened: impl Fn(&What) -> bool) -> f64 {
        for _ in 0..8000 {
            if let Some(at) = self.when(story, &happened) {
                return at;
            }
            self.pass(1).await;
        }
        panic!("it did not happen:\n{}", self.story());
    }

    /// Lets time pass until a line tells of a launch; the seconds.
    pub(super) async fn until_told(&mut self) -> f64 {
        for _ in 0..1000 {
            if !self.settled().is_empty() {
                return std::time::Duration::from_secs(self.elapsed()).as_secs_f64();
            }
            self.pass(1).await;
        }
        panic!("no line:\n{}", self.story());
    }

    /// `CodeDeploy`'s hook was answered and kept alive by `CodeDeploy` alone, and nobody asked for anything else.
    pub(super) fn assert_codedeploys_hook_is_its_own(&self) {
        let others = self.count(|what| {
            let (What::Completed { hook, by, .. } | What::Heartbeat { hook, by }) = what else { return false };
            hook.starts_with(OF_CODEDEPLOY) && *by != By::CodeDeploy
        });
        assert_eq!(others, 0, "{}", self.story());
        let asked = self.with(|fleet| fleet.hooks_asked_for().clone());
        assert!(asked.iter().all(|hook| hook == "launchgate"), "{asked:?}");
    }
}
