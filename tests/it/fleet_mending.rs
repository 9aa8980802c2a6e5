//! Runs the steps of the install document in the sandbox of a story whose package lock is real. This tests how the
//! fleet, the driver and the sandbox work together.

use std::sync::Arc;
use std::time::{Duration, Instant};

use launchgate_tests::fleet::door::server::{Clock, News, Server};
use launchgate_tests::fleet::driver::Sandboxes;
use launchgate_tests::fleet::story::Stories;
use launchgate_tests::fleet::{Fleet, What, api};
use launchgate_tests::stack::files::create_document;
use lifecycle::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::fleet_world::{list, text};

const PATIENCE: Duration = Duration::from_mins(1);

const STORY: &str = r#"
[default]
story = "the lock is held when user data begins"
registers = 0.1
boots = 0.1
user_data = "fails"
agent = [[0, "missing"]]
package_lock = [0, 5]
real = true
package_manager = "dpkg"
"#;

struct Scene {
    server: Arc<Server>,
    sandboxes: Arc<Sandboxes>,
    news: UnboundedReceiver<News>,
}

impl Scene {
    async fn start(stories: &str) -> Self {
        let now = Timestamp::default() + std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let mut fleet = Fleet::new(7, now);
        fleet.tell(Stories::parse(stories).unwrap());
        let (server, news) = Server::start(fleet, 0, Clock::Real).await.unwrap();
        Self { server: Arc::new(server), sandboxes: Arc::new(Sandboxes::start().await.unwrap()), news }
    }

    fn call(&self, service: &str, operation: &str, members: &Value) -> Value {
        let called = self.server.with(|fleet| api::call(fleet, fleet.now(), service, operation, members));
        called.outcome.unwrap_or_else(|refused| panic!("{operation}: {refused:?}"))
    }

    /// A command on that instance, to its end; how it is listed.
    async fn run(&mut self, document: &str, id: &str, parameters: &Value) -> Value {
        let send = json!({"DocumentName": document, "InstanceIds": [id], "Parameters": parameters});
        let command = text(&self.call("ssm", "SendCommand", &send), "/Command/CommandId");
        self.until(|what| matches!(what, What::RunEnded { .. })).await;
        let listed = self.call("ssm", "ListCommandInvocations", &json!({"CommandId": command, "Details": true}));
        list(&listed, "CommandInvocations")[0].clone()
    }

    /// Runs what is to be run until this has happened; to which instance.
    async fn until(&mut self, happened: impl Fn(&What) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let news = tokio::time::timeout(end - Instant::now(), self.news.recv()).await.unwrap().unwrap();
            match news {
                News::Script(script) => Sandboxes::run(&self.sandboxes, &self.server, script),
                News::Entry(entry) if happened(&entry.what) => return entry.instance,
                News::Entry(_) | News::Event(_) | News::Revision(_) => {}
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_waits_for_a_real_lock_and_installs_with_the_installer_of_the_region() {
    let mut scene = Scene::start(STORY).await;
    let id = launch(&mut scene).await;
    let run = scene.run("install-agent", &id, &json!({"packages": ["java"]})).await;
    assert_eq!(text(&run, "/StatusDetails"), "Success", "{run:#}");
    let prepared = text(&run, "/CommandPlugins/0/Output");
    assert!(prepared.starts_with(r#"{"v":1,"ready":true"#), "{prepared}");
    assert_ready(&mut scene, &id).await;
    scene.sandboxes.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_installs_through_distributor_where_the_region_has_no_installer() {
    let mut scene = Scene::start(&format!("{STORY}region = false\n")).await;
    let id = launch(&mut scene).await;
    let run = scene.run("install-agent", &id, &json!({"packages": ["java"]})).await;
    let steps: Vec<String> = list(&run, "CommandPlugins").iter().map(|step| text(step, "/Output")).collect();
    assert_eq!(text(&run, "/StatusDetails"), "Success", "{steps:#?}");
    let prepared = &steps[0];
    let order = ["waiting: ", "the package lock is free", "install java", "Distributor is next"];
    let places: Vec<usize> =
        order.iter().map(|words| prepared.find(words).unwrap_or_else(|| panic!("{words}: {prepared}"))).collect();
    assert!(places.is_sorted(), "{prepared}");
    assert!(steps[2].starts_with(r#"{"v":1,"ready":true"#), "{steps:#?}");
    assert_ready(&mut scene, &id).await;
    scene.sandboxes.close();
}

async fn launch(scene: &mut Scene) -> String {
    for name in ["install-agent", "readiness"] {
        scene.call("ssm", "CreateDocument", &create_document(name, name).unwrap());
    }
    let group = json!({"AutoScalingGroupName": "web", "MinSize": 1, "MaxSize": 1,
                       "AvailabilityZones": ["us-east-1a"], "LaunchTemplate": {"LaunchTemplateName": "web"}});
    scene.call("autoscaling", "CreateAutoScalingGroup", &group);
    scene.until(|what| *what == What::Registered).await
}

async fn assert_ready(scene: &mut Scene, id: &str) {
    let asked = json!({"packages": ["java"], "userData": ["ignored"], "waitSeconds": ["30"]});
    let proof = scene.run("readiness", id, &asked).await;
    assert_eq!(text(&proof, "/StatusDetails"), "Success", "{proof:#}");
}
