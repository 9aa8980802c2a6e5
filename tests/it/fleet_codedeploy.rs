//! Tests CodeDeploy's applications, its deployment groups and the hooks that these put on Auto Scaling groups, with the
//! AWS CLI.

use serde_json::{Value, json};

use crate::fleet_aws_cli::Cli;
use crate::fleet_world::list;

const ROLE: &str = "--service-role-arn arn:aws:iam::111122223333:role/deploy";

impl Cli {
    fn deploy(&self, words: &str) -> Value {
        self.ok("deploy", words, &[])
    }

    fn group_of_shop(&self) -> Value {
        let named = "get-deployment-group --application-name shop --deployment-group-name prod";
        self.deploy(named)["deploymentGroupInfo"].clone()
    }

    fn hooks(&self) -> Vec<Value> {
        list(&self.scaling("describe-lifecycle-hooks --auto-scaling-group-name web"), "LifecycleHooks").clone()
    }
}

async fn shop() -> Cli {
    let cli = Cli::start("").await;
    cli.create_group("--desired-capacity 0");
    cli.deploy("create-application --application-name shop");
    cli.deploy(&format!(
        "create-deployment-group --application-name shop --deployment-group-name prod --auto-scaling-groups web {ROLE}"
    ));
    cli
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_group_puts_its_hook_on_each_scaling_group() {
    let cli = shop().await;
    let group = cli.group_of_shop();
    let name = group["autoScalingGroups"][0]["hook"].as_str().unwrap();
    assert!(name.starts_with("CodeDeploy-managed-automatic-launch-deployment-hook-prod-"), "{name}");
    assert_eq!(group["autoScalingGroups"], json!([{"name": "web", "hook": name}]));
    assert_eq!(group["deploymentConfigName"], "CodeDeployDefault.OneAtATime");
    let hooks = cli.hooks();
    let hook = &hooks[0];
    assert_eq!((hooks.len(), hook["LifecycleHookName"].as_str()), (1, Some(name)));
    assert_eq!((&hook["HeartbeatTimeout"], &hook["GlobalTimeout"]), (&json!(600), &json!(60_000)));
    assert_eq!((&hook["DefaultResult"], hook["NotificationMetadata"].as_str().unwrap().len()), (&json!("ABANDON"), 36));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_installs_the_hook_anew_and_an_empty_list_takes_it_away() {
    let cli = shop().await;
    let name = |cli: &Cli| cli.group_of_shop()["autoScalingGroups"][0]["hook"].clone();
    let first = name(&cli);
    let update = "update-deployment-group --application-name shop --current-deployment-group-name prod";
    assert_eq!(cli.deploy(update)["hooksNotCleanedUp"], json!([]));
    let second = name(&cli);
    assert_ne!(first, second);
    assert_eq!(cli.hooks().iter().map(|hook| hook["LifecycleHookName"].clone()).collect::<Vec<_>>(), [second]);
    cli.deploy(&format!("{update} --auto-scaling-groups"));
    assert_eq!((cli.hooks(), &cli.group_of_shop()["autoScalingGroups"]), (vec![], &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_somebody_deleted_is_no_hindrance() {
    let cli = shop().await;
    let name = cli.group_of_shop()["autoScalingGroups"][0]["hook"].as_str().unwrap().to_owned();
    cli.scaling(&format!("delete-lifecycle-hook --auto-scaling-group-name web --lifecycle-hook-name {name}"));
    let gone = cli.deploy("delete-deployment-group --application-name shop --deployment-group-name prod");
    assert_eq!(gone["hooksNotCleanedUp"], json!([]));
    assert_eq!(cli.deploy("list-deployment-groups --application-name shop")["deploymentGroups"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_the_application_takes_the_hooks_away() {
    let cli = shop().await;
    assert_eq!(cli.deploy("get-application --application-name shop")["application"]["computePlatform"], "Server");
    cli.deploy("delete-application --application-name shop");
    assert_eq!(cli.hooks(), Vec::<Value>::new());
    assert_eq!(cli.deploy("list-applications")["applications"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_refused_by_its_own_name() {
    let cli = shop().await;
    let refuses = |words: &str, code: &str, message: &str| cli.refuses("deploy", words, code, message);
    refuses("create-application --application-name shop", "ApplicationAlreadyExistsException", "shop");
    refuses("get-application --application-name cart", "ApplicationDoesNotExistException", "cart");
    let create = "create-deployment-group --application-name shop --deployment-group-name";
    refuses(&format!("{create} prod {ROLE}"), "DeploymentGroupAlreadyExistsException", "prod");
    refuses(
        &format!("{create} next {ROLE} --auto-scaling-groups nowhere"),
        "InvalidAutoScalingGroupException",
        "nowhere",
    );
    refuses(
        "get-deployment-group --application-name shop --deployment-group-name next",
        "DeploymentGroupDoesNotExistException",
        "next",
    );
    let long = "x".repeat(101);
    refuses(&format!("create-application --application-name {long}"), "InvalidApplicationNameException", "100");
    assert_eq!(cli.hooks().len(), 1, "a refused deployment group puts no hook anywhere");
}
