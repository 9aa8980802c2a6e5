//! A deployment group on the fleet's Auto Scaling group, which the tests drive with the AWS CLI.

use serde_json::Value;

use crate::fleet_aws_cli::Cli;
use crate::fleet_world::list;

pub(super) const ROLE: &str = "--service-role-arn arn:aws:iam::111122223333:role/deploy";
pub(super) const REVISION: &str = "--revision revisionType=S3,s3Location={bucket=shop,key=app-1.zip,bundleType=zip}";
pub(super) const SHOP: &str = "--application-name shop --deployment-group-name prod";

pub(super) struct Shop(pub(super) Cli);

impl Shop {
    /// One instance in service; from then on the group is one of the deployment group's.
    pub(super) async fn open(stories: &str) -> Self {
        let shop = Self(Cli::start(stories).await);
        shop.0.create_group("--desired-capacity 1");
        shop.0.after(60);
        shop.deploy("create-application --application-name shop");
        shop.deploy(&format!("create-deployment-group {SHOP} --auto-scaling-groups web {ROLE}"));
        shop
    }

    pub(super) fn deploy(&self, words: &str) -> Value {
        self.0.ok("deploy", words, &[])
    }

    pub(super) fn begin(&self) -> String {
        let begun = self.deploy(&format!("create-deployment {SHOP} {REVISION}"));
        begun["deploymentId"].as_str().unwrap().to_owned()
    }

    pub(super) fn deployment(&self, id: &str) -> Value {
        self.deploy(&format!("get-deployment --deployment-id {id}"))["deploymentInfo"].clone()
    }

    pub(super) fn newest(&self) -> String {
        let all = self.deploy(&format!("list-deployments {SHOP}"));
        all["deployments"][0].as_str().unwrap().to_owned()
    }

    /// The deployment's only target.
    pub(super) fn target(&self, id: &str) -> Value {
        let targets = self.deploy(&format!("list-deployment-targets --deployment-id {id}"));
        let target = targets["targetIds"][0].as_str().unwrap();
        let found = self.deploy(&format!("batch-get-deployment-targets --deployment-id {id} --target-ids {target}"));
        found["deploymentTargets"][0].clone()
    }

    pub(super) fn events(&self, id: &str) -> Vec<String> {
        let target = self.target(id);
        let told = |event: &Value| format!("{} {}", event["lifecycleEventName"], event["status"]).replace('"', "");
        list(&target["instanceTarget"], "lifecycleEvents").iter().map(told).collect()
    }

    pub(super) fn scale_out(&self) {
        self.0.scaling("set-desired-capacity --auto-scaling-group-name web --desired-capacity 2");
    }

    /// How many instances are in service.
    pub(super) fn serving(&self) -> usize {
        let all = self.0.scaling("describe-auto-scaling-instances");
        list(&all, "AutoScalingInstances").iter().filter(|one| one["LifecycleState"] == "InService").count()
    }

    /// The next launch lives this story; the last revision was good.
    pub(super) async fn with_a_good_revision(story: &str) -> Self {
        let told = format!("[[launch]]\nstory = \"first\"\n[[launch]]\nstory = \"second\"\nboots = 0\n{story}");
        let shop = Self::open(&told).await;
        shop.begin();
        shop.0.after(20);
        shop
    }

    /// The deployment that a launch begins; at its fifth second.
    pub(super) fn launches(&self) -> String {
        self.scale_out();
        self.0.after(5);
        let id = self.newest();
        assert_eq!(self.deployment(&id)["creator"], "autoscaling");
        id
    }

    pub(super) fn status(&self, id: &str) -> Value {
        self.deployment(id)["status"].clone()
    }
}
