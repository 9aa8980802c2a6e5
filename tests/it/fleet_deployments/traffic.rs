//! Tests deployments that shift the traffic of a Lambda function, and the answers of their hook functions.

use serde_json::json;

use super::shop::{ROLE, SHOP, Shop};
use crate::fleet_aws_cli::Cli;

const APPSPEC: &str = "version: 0.0\nResources:\n  - gate:\n      Type: AWS::Lambda::Function\n      Properties: {Name: gate, \
    Alias: live, CurrentVersion: '1', TargetVersion: '2'}\nHooks:\n  - BeforeAllowTraffic: CodeDeployHook_before\n";

impl Shop {
    /// A deployment of a Lambda function, and the execution that its hook function was asked about.
    async fn shifting() -> (Self, String, String) {
        let shop = Self(Cli::start("").await);
        shop.deploy("create-application --application-name shop --compute-platform Lambda");
        shop.deploy(&format!("create-deployment-group {SHOP} {ROLE}"));
        let revision = json!({"revisionType": "AppSpecContent", "appSpecContent": {"content": APPSPEC}}).to_string();
        let begun = shop.0.ok("deploy", &format!("create-deployment {SHOP} --revision"), &[&revision]);
        let calls = shop.0.server.with(launchgate_tests::fleet::Fleet::take_hook_calls);
        assert_eq!((calls.len(), calls[0].function.as_str()), (1, "CodeDeployHook_before"));
        assert_eq!(calls[0].payload.as_object().unwrap().len(), 2);
        let execution = calls[0].payload["LifecycleEventHookExecutionId"].as_str().unwrap().to_owned();
        (shop, begun["deploymentId"].as_str().unwrap().to_owned(), execution)
    }

    fn answer(id: &str, execution: &str, status: &str) -> String {
        format!(
            "put-lifecycle-event-hook-execution-status --deployment-id {id} \
             --lifecycle-event-hook-execution-id {execution} --status {status}"
        )
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_function_is_asked_and_its_first_answer_counts() {
    let (shop, id, execution) = Shop::shifting().await;
    let pending = Shop::answer(&id, &execution, "Pending");
    shop.0.refuses("deploy", &pending, "InvalidLifecycleEventHookExecutionStatusException", "Pending");
    let stranger = Shop::answer(&id, "another", "Succeeded");
    shop.0.refuses("deploy", &stranger, "InvalidLifecycleEventHookExecutionIdException", "another");
    shop.deploy(&Shop::answer(&id, &execution, "Succeeded"));
    assert_eq!(shop.deployment(&id)["status"], "Succeeded");
    let second = Shop::answer(&id, &execution, "Failed");
    shop.0.refuses("deploy", &second, "LifecycleEventAlreadyCompletedException", &execution);
}

/// A hook function is asked earlier than its questions are answered (aws-facts 4.2).
#[tokio::test(flavor = "multi_thread")]
async fn what_shifts_is_told_two_seconds_after_its_hook_function_is_asked() {
    let (shop, id, _) = Shop::shifting().await;
    let list = format!("list-deployment-targets --deployment-id {id}");
    shop.0.refuses("deploy", &list, "DeploymentNotStartedException", &id);
    shop.0.after(1);
    assert_eq!(shop.target(&id)["lambdaTarget"]["lambdaFunctionInfo"], json!({}));
    shop.0.after(1);
    assert_eq!(shop.target(&id)["lambdaTarget"]["lambdaFunctionInfo"]["targetVersion"], "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_function_that_does_not_answer_fails_its_deployment_after_an_hour() {
    let (shop, id, execution) = Shop::shifting().await;
    shop.0.after(3599);
    assert_eq!(shop.deployment(&id)["status"], "InProgress");
    shop.0.after(2);
    let failed = shop.deployment(&id);
    let code = &failed["errorInformation"]["code"];
    assert_eq!((&failed["status"], code), (&json!("Failed"), &json!("HOOK_EXECUTION_FAILURE")));
    let late = Shop::answer(&id, &execution, "Succeeded");
    shop.0.refuses("deploy", &late, "LifecycleEventAlreadyCompletedException", &execution);
}
