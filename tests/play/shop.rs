//! CodeDeploy in a play: an application, a deployment group on each Auto Scaling group that wants one, and a revision
//! that succeeded before. Every launch gets the last successful revision (aws-facts 3.2).

use std::time::Duration;

use serde_json::json;
use tokio::time::{sleep, timeout};

use super::{Play, PlayError};
use crate::fleet::story::Stories;
use crate::fleet::{Fleet, What, api};

pub(super) const APPLICATION: [&str; 2] = ["--application-name", "shop"];
const ROLE: [&str; 2] = ["--service-role-arn", "arn:aws:iam::000000000000:role/deploy"];
pub(super) const REVISION: [&str; 2] =
    ["--revision", "revisionType=S3,s3Location={bucket=shop,key=app-1.zip,bundleType=zip}"];
/// What belongs to every deployment group beside its Auto Scaling group: an instance with this tag.
const TAGGED: [&str; 2] = ["--ec2-tag-filters", "Key=app,Value=shop,Type=KEY_AND_VALUE"];
/// A deployment without a hitch takes two seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// The tagged instance: up at once.
pub(super) const FIRST: &str =
    "[default]\nstory = \"the first of the shop\"\nregisters = \"never\"\nboots = 0\ndeployment = { takes = 0.2 }";

impl Play {
    /// As AWS advises, the good revision comes first to a tagged instance outside the group (aws-facts 3.4): one that
    /// is launched while nothing has succeeded yet would prove nothing.
    pub(super) async fn open_shop(&self) -> Result<(), PlayError> {
        let groups: Vec<&str> =
            self.groups.iter().filter(|(_, of)| of.codedeploy).map(|(name, _)| name.as_str()).collect();
        if groups.is_empty() {
            return Ok(());
        }
        self.stack.create_instance_role().await?;
        self.stack.permit_instances().await?;
        let first = Stories::parse(FIRST).unwrap_or_default();
        self.fleet.with(|fleet| fleet.tell(first));
        self.launch_first().await?;
        self.aws(&[&["deploy", "create-application"], &APPLICATION[..]].concat()).await?;
        for name in &groups {
            let named = [&APPLICATION[..], &["--deployment-group-name", name]].concat();
            let of = [&["--auto-scaling-groups", name], &TAGGED[..], &ROLE].concat();
            self.aws(&[&["deploy", "create-deployment-group"], &named[..], &of].concat()).await?;
            self.aws(&[&["deploy", "create-deployment"], &named[..], &REVISION].concat()).await?;
        }
        self.first_deployments(groups.len()).await?;
        self.open_copies().await
    }

    /// The last output of the script that failed on this instance, as `GetDeploymentTarget` has it.
    #[must_use]
    pub fn log_tail(&self, deployment: &str, instance: &str) -> Option<String> {
        let named = json!({"deploymentId": deployment, "targetId": instance});
        let call = |fleet: &mut Fleet| api::call(fleet, fleet.now(), "codedeploy", "GetDeploymentTarget", &named);
        let answer = self.fleet.with(call).outcome.ok()?;
        let events = answer.pointer("/deploymentTarget/instanceTarget/lifecycleEvents")?.as_array()?;
        let mut tails = events.iter().filter_map(|event| event.pointer("/diagnostics/logTail")?.as_str());
        tails.rfind(|tail| !tail.is_empty()).map(str::to_owned)
    }

    /// No hook holds it.
    async fn launch_first(&self) -> Result<(), PlayError> {
        let group = json!({
            "AutoScalingGroupName": "first", "MinSize": 1, "MaxSize": 1, "AvailabilityZones": ["us-east-1a"],
            "LaunchTemplate": {"LaunchTemplateName": "first"},
            "Tags": [{"Key": "app", "Value": "shop", "PropagateAtLaunch": true}],
        });
        self.aws(&["autoscaling", "create-auto-scaling-group", "--cli-input-json", &group.to_string()]).await
    }

    async fn first_deployments(&self, count: usize) -> Result<(), PlayError> {
        let succeeded = |what: &What| matches!(what, What::Deployed { status, .. } if status == "Succeeded");
        let all = || self.fleet.with(|fleet| fleet.timeline().iter().filter(|entry| succeeded(&entry.what)).count());
        let done = timeout(PATIENCE, async {
            while all() < count {
                sleep(Duration::from_millis(100)).await;
            }
        });
        done.await.map_err(|_| PlayError::FirstDeployment)
    }
}
