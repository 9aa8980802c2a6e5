//! Tests deployments by tags in a group whose warm pool has stopped instances (aws-facts 12.5, 12.6).

use serde_json::{Value, json};

use super::shop::{ROLE, SHOP, Shop};
use crate::fleet_aws_cli::Cli;
use crate::fleet_world::list;

/// One instance in service, and one that is stopped in the warm pool.
async fn with_a_pool(chosen: &str) -> Shop {
    let cli = Cli::start("").await;
    cli.create_group("--desired-capacity 1 --tags Key=app,Value=shop,PropagateAtLaunch=true");
    cli.after(60);
    cli.scaling("put-warm-pool --auto-scaling-group-name web --max-group-prepared-capacity 2 --pool-state Stopped");
    cli.after(60);
    let shop = Shop(cli);
    shop.deploy("create-application --application-name shop");
    shop.deploy(&format!("create-deployment-group {SHOP} {chosen} {ROLE}"));
    assert_eq!(shop.states(), ["InService", "Warmed:Stopped"]);
    shop
}

impl Shop {
    fn states(&self) -> Vec<String> {
        let all = self.0.scaling("describe-auto-scaling-instances");
        let state = |one: &Value| one["LifecycleState"].as_str().unwrap().to_owned();
        let mut states: Vec<String> = list(&all, "AutoScalingInstances").iter().map(state).collect();
        states.sort();
        states
    }

    fn overview(&self, id: &str) -> [Value; 3] {
        let told = self.deployment(id)["deploymentOverview"].clone();
        ["InProgress", "Succeeded", "Failed"].map(|key| told[key].clone())
    }
}

const BY_TAG: &str = "--ec2-tag-filters Key=app,Value=shop,Type=KEY_AND_VALUE";

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_instance_is_a_target_of_a_deployment_by_tags_and_counts_as_failed() {
    let shop = with_a_pool(BY_TAG).await;
    let id = shop.begin();
    shop.0.after(60);
    assert_eq!(shop.overview(&id), [json!(1), json!(1), json!(0)], "nobody answers for it");
    shop.0.after(250);
    assert_eq!(shop.overview(&id), [json!(0), json!(1), json!(1)]);
    let done = shop.deployment(&id);
    assert_eq!((&done["status"], &done["errorInformation"]["code"]), (&json!("Failed"), &json!("HEALTH_CONSTRAINTS")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_to_a_named_group_leaves_its_stopped_instances_out() {
    let shop = with_a_pool("--auto-scaling-groups web").await;
    let id = shop.begin();
    shop.0.after(60);
    assert_eq!(shop.overview(&id), [json!(0), json!(1), json!(0)]);
    assert_eq!(shop.deployment(&id)["status"], "Succeeded");
}
