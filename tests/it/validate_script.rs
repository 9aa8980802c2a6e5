//! Runs the example's `validate_service.sh` as the CodeDeploy agent does: in a real shell, with the real AWS CLI,
//! against the release binary of validate-service in the local stack. The instance role has only the permissions of the
//! stack's policy.

mod answers;

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use launchgate_tests::fleet::door::server::{Clock, News, Server};
use launchgate_tests::fleet::story::Stories;
use launchgate_tests::fleet::{Entry, Fault, Fleet, What, api};
use launchgate_tests::stack::instance::ScriptTold;
use launchgate_tests::stack::{LocalStack, repository};
use lifecycle::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

const FUNCTION: &str = "launchgate-validate-service";
/// More than CodeDeploy and its agents take here to come to `ValidateService`.
const PATIENCE: Duration = Duration::from_mins(1);

const STORIES: &str = r#"
[all]
registers = 0
boots = 0
units = { web = 0 }
deployment = { takes = 0, hangs = "ValidateService" }

[[launch]]
story = "serves"
ports = { 8080 = 0 }

[[launch]]
story = "does not listen"
"#;

/// Two instances on which a deployment's `ValidateService` runs, and what its script finds there.
struct Shop {
    fleet: Server,
    stack: LocalStack,
    /// The one that serves, and the one that does not listen.
    instances: Vec<String>,
    deployment: String,
    /// What is on the path of the script: a shell and a few tools.
    path: TempDir,
}

impl Shop {
    async fn open() -> Self {
        let began = Timestamp::default() + std::time::UNIX_EPOCH.elapsed().unwrap();
        let mut fleet = Fleet::new(3, began);
        fleet.tell(Stories::parse(STORIES).unwrap());
        let (fleet, mut news) = Server::start(fleet, 0, Clock::Real).await.unwrap();
        let mut stack = LocalStack::start_with_permissions(&fleet.url).await.unwrap();
        stack.deploy(&[]).await.unwrap();
        let path = TempDir::new().unwrap();
        let mut shop = Self { fleet, stack, instances: Vec::new(), deployment: String::new(), path };
        for tool in ["sh", "mktemp", "sed", "cat", "rm", "date", "sleep"] {
            shop.install(&which(tool));
        }
        shop.launch().await;
        // In the order of their launches, which is that of their stories.
        while let Ok(news) = news.try_recv() {
            if let News::Entry(Entry { instance, what: What::Launched { .. }, .. }) = news {
                shop.instances.push(instance);
            }
        }
        shop.deployment = shop.deploy().await;
        shop.stack.create_instance_role().await.unwrap();
        shop
    }

    fn install(&self, tool: &Path) {
        symlink(tool, self.path.path().join(tool.file_name().unwrap())).unwrap();
    }

    /// What `cloud-init query region` says on the instances.
    fn cloud_init(&self, region: &str) {
        let path = self.path.path().join("cloud-init");
        std::fs::write(&path, format!("#!/bin/sh\n[ \"$*\" = 'query region' ] && echo {region}\n")).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn call(&self, service: &str, operation: &str, members: &Value) -> Value {
        let now = self.fleet.now();
        let answer = self.fleet.with(|fleet| api::call(fleet, now, service, operation, members));
        answer.outcome.unwrap_or_else(|refused| panic!("{operation}: {refused:?}"))
    }

    async fn launch(&self) {
        let group = json!({
            "AutoScalingGroupName": "web", "MinSize": 0, "MaxSize": 9, "DesiredCapacity": 2,
            "AvailabilityZones": ["us-east-1a"], "LaunchTemplate": {"LaunchTemplateName": "web"},
        });
        self.call("autoscaling", "CreateAutoScalingGroup", &group);
        let told = || {
            let all = self.call("autoscaling", "DescribeAutoScalingInstances", &json!({}));
            let all = all["AutoScalingInstances"].as_array().unwrap().clone();
            (all.len() == 2 && all.iter().all(|one| one["LifecycleState"] == "InService")).then_some(())
        };
        until("both are in service", told).await;
    }

    async fn deploy(&self) -> String {
        let named = |more: Value| {
            let mut members = json!({"applicationName": "shop", "deploymentGroupName": "prod"});
            members.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            members
        };
        self.call("codedeploy", "CreateApplication", &json!({"applicationName": "shop"}));
        let group = json!({"serviceRoleArn": "arn:aws:iam::111122223333:role/deploy", "autoScalingGroups": ["web"]});
        self.call("codedeploy", "CreateDeploymentGroup", &named(group));
        let revision = json!({"revision": {"revisionType": "S3", "s3Location": {"bucket": "shop", "key": "1.zip"}}});
        let begun = self.call("codedeploy", "CreateDeployment", &named(revision));
        let id = begun["deploymentId"].as_str().unwrap().to_owned();
        let runs = |instance: &String| {
            let asked = json!({"deploymentId": id, "targetId": instance});
            let target = self.call("codedeploy", "GetDeploymentTarget", &asked);
            let events = target["deploymentTarget"]["instanceTarget"]["lifecycleEvents"].as_array().unwrap().clone();
            events.last().unwrap()["status"] == "InProgress"
        };
        until("ValidateService runs", || self.instances.iter().all(runs).then_some(())).await;
        id
    }

    /// The AWS CLI of whoever owns the account.
    async fn aws(&self, words: &str, more: &[&str]) -> String {
        let output = self.stack.tool("aws").args(words.split_whitespace()).args(more).output().await.unwrap();
        assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A version of the function that differs in its time-out, for the alias.
    async fn release(&self, timeout: u32) {
        let timeout = timeout.to_string();
        self.aws(&format!("lambda update-function-configuration --function-name {FUNCTION} --timeout"), &[&timeout])
            .await;
        let version =
            self.aws(&format!("lambda publish-version --function-name {FUNCTION} --query Version"), &[]).await;
        let version = version.trim_matches('"');
        self.aws(&format!("lambda update-alias --function-name {FUNCTION} --name live --function-version"), &[version])
            .await;
    }

    /// Runs the script on an instance, as its agent would. The run waits on the instance for 30 s less than the script.
    async fn validate(&self, instance: &str, deployment: &str) -> ScriptTold {
        let script = self.stack.instance_script("validate_service.sh", instance).without_region();
        script.with_patience(36).with_path(self.path.path()).run(deployment, "ValidateService").await.unwrap()
    }

    async fn validate_on(&self, instance: usize) -> ScriptTold {
        self.validate(&self.instances[instance], &self.deployment).await
    }
}

/// The lifecycle event fails, and each of these stands in its log tail.
fn fails_with(told: &ScriptTold, lines: &[&str]) {
    let log = [told.stdout.as_str(), &told.stderr].concat();
    assert_eq!(told.code, 1, "{log}");
    assert!(log.len() < 2048, "the log tail would be cut: {log}");
    for line in lines {
        assert!(log.lines().any(|told| told.contains(line)), "no {line:?} in\n{log}");
    }
}

async fn until<T>(what: &str, done: impl Fn() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(done) = done() {
            return done;
        }
        assert!(Instant::now() < end, "not in {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn which(tool: &str) -> PathBuf {
    let found = ["/bin", "/usr/bin"].iter().map(|folder| Path::new(folder).join(tool)).find(|path| path.exists());
    found.unwrap_or_else(|| panic!("no {tool}"))
}

/// One stack for all of them, since a stack takes its time.
#[tokio::test(flavor = "multi_thread")]
async fn the_script_fails_on_anything_but_healthy_and_tells_what_it_was() {
    let shop = Shop::open().await;
    fails_with(&shop.validate_on(0).await, &["the AWS CLI is not installed"]);

    shop.install(&repository().join(".venv/bin/aws").canonicalize().unwrap());
    // The CLI of these tests is of version 1.
    fails_with(&shop.validate_on(0).await, &["You must specify a region", "a Region (set region= in this script)"]);
    shop.cloud_init("us-east-1");

    let denied = shop.validate_on(0).await;
    fails_with(&denied, &["AccessDenied", "the role needs the policy InvokeValidateService of the Launchgate stack"]);

    shop.stack.permit_instances().await.unwrap();
    let healthy = shop.validate_on(0).await;
    assert_eq!((healthy.code, healthy.stderr.as_str()), (0, ""), "{}", healthy.stdout);
    assert!(healthy.stdout.starts_with("pending: the run ") && healthy.stdout.contains(" was started\n"));
    assert!(healthy.stdout.ends_with("\nValidateService: healthy\n"), "{}", healthy.stdout);

    let unhealthy = shop.validate_on(1).await;
    fails_with(&unhealthy, &["port-closed: ", "url-failing: ", "ValidateService: unhealthy"]);
    assert!(unhealthy.stdout.ends_with("\nValidateService: unhealthy\n"), "{}", unhealthy.stdout);

    let foreign = shop.validate(&shop.instances[0], "d-AAAAAAAAA").await;
    fails_with(&foreign, &["is not a target of d-AAAAAAAAA", "ValidateService: inconclusive"]);

    shop.fleet.with(|fleet| {
        fleet.faults.add(Fault::Throttle { call: "SendCommand".into(), burst: 0, per_second: 0 });
    });
    fails_with(
        &shop.validate_on(0).await,
        &["pending: SendCommand for ", "Throttling", "ValidateService: pending: no verdict within 36 s"],
    );

    shop.release(4).await;
    fails_with(&shop.validate(&shop.instances[0], "d-AAAAAAAAA").await, &["ValidateService: inconclusive"]);
    assert!(shop.stack.freeze_functions() > 0, "no function was there to hang");
    fails_with(&shop.validate_on(0).await, &["launchgate-validate-service:live failed", "timed out after 4"]);
}
