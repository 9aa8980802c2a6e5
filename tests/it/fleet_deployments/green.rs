//! Blue/green deployments of the fleet, which the AWS CLI drives.

use launchgate_tests::fleet::CopiesHooks;
use serde_json::{Value, json};

use super::shop::{REVISION, ROLE, SHOP, Shop};
use crate::fleet_world::list;

const COPY: &str = "--deployment-style deploymentType=BLUE_GREEN,deploymentOption=WITH_TRAFFIC_CONTROL \
    --blue-green-deployment-configuration greenFleetProvisioningOption={action=COPY_AUTO_SCALING_GROUP},\
    terminateBlueInstancesOnDeploymentSuccess={action=TERMINATE,terminationWaitTimeInMinutes=1}";
const DISCOVER: &str = "--deployment-style deploymentType=BLUE_GREEN,deploymentOption=WITH_TRAFFIC_CONTROL \
    --blue-green-deployment-configuration greenFleetProvisioningOption={action=DISCOVER_EXISTING}";
const OURS: &str = "put-lifecycle-hook --auto-scaling-group-name web --lifecycle-hook-name launchgate \
    --lifecycle-transition autoscaling:EC2_INSTANCE_LAUNCHING --notification-metadata {\"ready_within\":300}";

/// Two instances of the blue group are in service, and the next deployment copies it. Our hook is on the blue group.
async fn shop(copies: CopiesHooks) -> Shop {
    let shop = Shop::with_a_good_revision("").await;
    shop.scale_out();
    shop.0.after(60);
    shop.0.server.with(|fleet| fleet.settings.codedeploy.copies_hooks = copies);
    shop.0.scaling(OURS);
    shop.deploy(&update(COPY));
    shop
}

fn update(style: &str) -> String {
    format!("update-deployment-group --application-name shop --current-deployment-group-name prod {style}")
}

impl Shop {
    fn group(&self, name: &str) -> Value {
        let all = self.0.scaling(&format!("describe-auto-scaling-groups --auto-scaling-group-names {name}"));
        all["AutoScalingGroups"][0].clone()
    }

    fn hooks(&self, group: &str) -> Vec<String> {
        let all = self.0.scaling(&format!("describe-lifecycle-hooks --auto-scaling-group-name {group}"));
        let names = list(&all, "LifecycleHooks").iter().map(|hook| hook["LifecycleHookName"].as_str().unwrap());
        names.map(|name| name.split("-hook-").next().unwrap().to_owned()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_has_no_hook_before_its_deployment_has_succeeded() {
    let shop = shop(CopiesHooks::Never).await;
    let id = shop.begin();
    let green = format!("CodeDeploy_prod_{id}");
    let made = shop.group(&green);
    assert_eq!((&made["MinSize"], &made["DesiredCapacity"]), (&json!(0), &json!(0)));
    let tag = list(&made, "Tags").iter().find(|tag| tag["Key"] == "CodeDeployProvisioningDeploymentId");
    assert_eq!(tag.unwrap()["Value"], json!(id), "{made}");
    assert_eq!(shop.hooks(&green), [""; 0]);
    shop.0.after(3);
    let grown = shop.group(&green);
    assert_eq!(grown["DesiredCapacity"], 2, "as many as are healthy in the blue group");
    let suspended: Vec<&Value> = list(&grown, "SuspendedProcesses").iter().map(|one| &one["ProcessName"]).collect();
    assert_eq!(suspended, ["AddToLoadBalancer", "AlarmNotification", "ScheduledActions"]);
    let told = shop.deployment(&id);
    assert_eq!(
        (&told["status"], &told["deploymentStyle"]["deploymentType"]),
        (&json!("InProgress"), &json!("BLUE_GREEN"))
    );
    shop.0.after(60);
    assert_eq!(shop.status(&id), "Succeeded");
    assert_eq!(shop.hooks(&green), ["CodeDeploy-managed-automatic-launch-deployment"]);
    assert_eq!(shop.hooks("web"), ["launchgate"], "CodeDeploy's hook has moved");
    assert_eq!(list(&shop.group(&green), "SuspendedProcesses").len(), 0);
    let target = shop.target(&id)["instanceTarget"]["instanceLabel"].clone();
    assert_eq!(target, "Green");
    let own = shop.deploy(&format!("get-deployment-group {SHOP}"))["deploymentGroupInfo"].clone();
    assert_eq!((list(&own, "autoScalingGroups").len(), &own["autoScalingGroups"][0]["name"]), (1, &json!(green)));
    shop.0.after(60);
    assert_eq!(shop.group("web"), Value::Null, "the blue group is deleted after its minute");
    assert_eq!(shop.serving(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_of_others_come_with_the_group_or_with_codedeploys_own() {
    for (copies, early) in [(CopiesHooks::WithTheGroup, true), (CopiesHooks::WithItsOwnHook, false)] {
        let shop = shop(copies).await;
        let id = shop.begin();
        let green = format!("CodeDeploy_prod_{id}");
        assert_eq!(shop.hooks(&green).contains(&"launchgate".to_owned()), early);
        shop.0.after(20);
        if early {
            assert_eq!(shop.status(&id), "InProgress", "our hook holds the green instances");
            let held = shop.0.scaling("describe-auto-scaling-instances");
            for one in list(&held, "AutoScalingInstances").iter().filter(|one| one["AutoScalingGroupName"] == *green) {
                let instance = one["InstanceId"].as_str().unwrap();
                shop.0.scaling(&format!(
                    "complete-lifecycle-action --auto-scaling-group-name {green} --lifecycle-hook-name launchgate \
                     --instance-id {instance} --lifecycle-action-result CONTINUE"
                ));
            }
        }
        shop.0.after(60);
        assert_eq!(shop.status(&id), "Succeeded");
        assert_eq!(shop.hooks(&green).len(), 2, "{copies:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_stopped_or_does_not_come_up_leaves_the_green_group_behind() {
    let shop = shop(CopiesHooks::WithTheGroup).await;
    let stopped = shop.begin();
    shop.deploy(&format!("stop-deployment --deployment-id {stopped}"));
    let listed = shop.0.server.with(|fleet| fleet.list_stopped_blue_green());
    assert_eq!(listed, std::slice::from_ref(&stopped));
    let late = shop.begin();
    shop.0.after(3700);
    let failed = shop.deployment(&late);
    assert_eq!((&failed["status"], &failed["errorInformation"]["code"]), (&json!("Failed"), &json!("TIMEOUT")));
    assert_eq!(shop.group(&format!("CodeDeploy_prod_{stopped}"))["DesiredCapacity"], 0);
    assert_eq!(shop.group(&format!("CodeDeploy_prod_{late}"))["DesiredCapacity"], 2);
    assert!(shop.hooks("web").contains(&"CodeDeploy-managed-automatic-launch-deployment".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_green_fleet_that_exists_is_named_by_the_call() {
    let shop = shop(CopiesHooks::Never).await;
    shop.deploy(&update(DISCOVER));
    shop.0.scaling(
        "create-auto-scaling-group --auto-scaling-group-name green --min-size 1 --max-size 1 --availability-zones \
         us-east-1a --launch-template LaunchTemplateName=web",
    );
    shop.0.after(60);
    let named = format!("create-deployment {SHOP} {REVISION} --target-instances autoScalingGroups=green");
    let id = shop.deploy(&named)["deploymentId"].as_str().unwrap().to_owned();
    shop.0.after(20);
    let targets = shop
        .deploy(&format!("list-deployment-targets --deployment-id {id} --target-filters ServerInstanceLabel=Green"));
    assert_eq!((list(&targets, "targetIds").len(), shop.status(&id)), (1, json!("Succeeded")));
    shop.deploy(&update("--deployment-style deploymentType=IN_PLACE,deploymentOption=WITHOUT_TRAFFIC_CONTROL"));
    shop.0.refuses("deploy", &named, "InvalidTargetInstancesException", "blue/green");
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_one_group_can_be_copied() {
    let shop = shop(CopiesHooks::Never).await;
    let none = format!("create-deployment-group --application-name shop --deployment-group-name none {ROLE} {COPY}");
    shop.0.refuses("deploy", &none, "InvalidBlueGreenDeploymentConfigurationException", "Exactly one");
}
