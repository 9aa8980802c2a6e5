//! What the tests of the document share: an instance with a package manager, and a run of all steps.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use launchgate_tests::fleet::host::{Agent, AgentState, Host};
use launchgate_tests::fleet::metadata::{self, Instances};
use launchgate_tests::fleet::sandbox::{Family, Run, Running, Sandbox};
use serde_json::Value;
use tempfile::TempDir;

/// A test that hangs says less than one that fails.
const PATIENCE: Duration = Duration::from_secs(50);

pub(super) struct Instance {
    pub(super) sandbox: Sandbox,
    pub(super) dir: TempDir,
    runs: AtomicUsize,
}

/// All steps of one command, under a process of their own as under the SSM Agent.
pub(super) struct Steps {
    pub(super) running: Running,
    told: PathBuf,
}

/// What the step that printed a report said, and what all have told.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) code: i32,
    pub(super) json: Value,
    pub(super) told: String,
    pub(super) stdout: String,
}

pub(super) fn document(name: &str) -> Value {
    let path = format!("{}/../documents/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    serde_yaml_ng::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

pub(super) fn script(name: &str, step: &str) -> String {
    let document = document(name);
    let found = document["mainSteps"].as_array().unwrap().iter().find(|it| it["name"] == step).unwrap();
    let lines = found["inputs"]["runCommand"].as_array().unwrap();
    lines.iter().map(|line| line.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

/// Every parameter, as SSM fills in the defaults.
pub(super) fn parameters(name: &str, given: &[(&str, &str)]) -> BTreeMap<String, String> {
    let document = document(name);
    let declared = document["parameters"].as_object().unwrap();
    let defaults = declared.iter().map(|(name, it)| (name.clone(), it["default"].as_str().unwrap().to_owned()));
    defaults.chain(given.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()))).collect()
}

/// An instance with nothing wrong but its agent, whose Distributor does not know the package.
pub(super) fn instance(family: Family, state: AgentState) -> Instance {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let id = format!("i-{:017}", NEXT.fetch_add(1, Ordering::Relaxed));
    let dir = tempfile::tempdir().unwrap();
    let (url, instances) = metadata_service();
    let host = Host { agent: Agent { generation: 2, state }, ..Host::healthy(2) };
    instances.set(&id, &host);
    let sandbox = Sandbox::new(dir.path(), &format!("{url}/{id}")).unwrap();
    sandbox.add_package_manager(family).unwrap();
    sandbox.show(&host).unwrap();
    let instance = Instance { sandbox, dir, runs: AtomicUsize::new(0) };
    instance.distributor("echo 'failed to retrieve package document description: InvalidDocument' >&2; exit 1");
    for step in ["prepare", "mend"] {
        fs::write(instance.path(step), script("install-agent", step)).unwrap();
    }
    instance
}

impl Instance {
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// What the step aws:configurePackage does.
    pub(super) fn distributor(&self, script: &str) {
        fs::write(self.path("distributor"), script).unwrap();
    }

    pub(super) fn distributor_knows_the_agent(&self) {
        self.distributor("exec $(command -v dnf || command -v apt-get) -y install codedeploy-agent");
    }

    pub(super) fn command(&self, name: &str, text: &str) {
        fs::write(self.path("bin").join(name), text).unwrap();
        fs::set_permissions(self.path("bin").join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub(super) fn start(&self, given: &[(&str, &str)]) -> Steps {
        self.start_under("sh", given)
    }

    /// The steps one after the other, until one ends with 168 or 169 (runpluginutil.go of the SSM Agent).
    pub(super) fn start_under(&self, shell: &str, given: &[(&str, &str)]) -> Steps {
        let told = self.path(&format!("told.{}", self.runs.fetch_add(1, Ordering::Relaxed)));
        let worker = format!(
            "cd '{}'\nexec 2>'{}'\n{shell} ./prepare\ncode=$?\ncase $code in 168 | 169) exit $code ;; esac\n\
             sh ./distributor >distributed 2>&1\n{shell} ./mend\nexit $?\n",
            self.dir.path().display(),
            told.display(),
        );
        let running = self.sandbox.start("sh", &worker, &parameters("install-agent", given)).unwrap();
        Steps { running, told }
    }

    pub(super) fn run(&self, given: &[(&str, &str)]) -> Report {
        self.start(given).report()
    }

    /// How each transaction of the package manager ended.
    pub(super) fn transactions(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("state/transactions")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// The pid of the agent's master, as it wrote it down.
    pub(super) fn master(&self) -> String {
        let file = self.sandbox.root().join("opt/codedeploy-agent/state/.pid/codedeploy-agent.pid");
        fs::read_to_string(file).unwrap().trim().to_owned()
    }

    /// The next call of the package manager waits for [`Instance::go_on`], before it takes the lock.
    pub(super) fn stand_in_the_way(&self) {
        for fifo in ["asked", "go"] {
            assert!(Command::new("mkfifo").arg(self.path("state").join(fifo)).status().unwrap().success());
        }
    }

    /// Waits until the package manager was called.
    pub(super) fn is_asked(&self) {
        assert_eq!(fs::read_to_string(self.path("state/asked")).unwrap(), "asked\n");
        fs::remove_file(self.path("state/asked")).unwrap();
    }

    pub(super) fn go_on(&self) {
        fs::write(self.path("state/go"), "go on\n").unwrap();
    }
}

impl Steps {
    /// Waits until it has told this.
    pub(super) fn tells(&mut self, text: &str) {
        let told = self.told.clone();
        until(
            || fs::read_to_string(&told).unwrap_or_default().contains(text),
            || format!("{text} was not told, but: {}", fs::read_to_string(&told).unwrap_or_default()),
        );
    }

    pub(super) fn report(&mut self) -> Report {
        let run = self.running.finish().unwrap();
        Report::of(&run, fs::read_to_string(&self.told).unwrap())
    }
}

impl Report {
    fn of(run: &Run, told: String) -> Self {
        let first = run.stdout.lines().next().unwrap_or_else(|| panic!("no report: {run:?} {told}"));
        let json = serde_json::from_str(first).unwrap_or_else(|error| panic!("{error} in {run:?}"));
        Self { code: run.code, json, told, stdout: run.stdout.clone() }
    }

    pub(super) fn codes(&self) -> Vec<&str> {
        let findings = self.json["findings"].as_array().unwrap();
        findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect()
    }

    pub(super) fn detail(&self) -> &str {
        self.json["findings"][0]["detail"].as_str().unwrap()
    }

    /// Ready, and this was the exit code.
    pub(super) fn assert_ready(&self, code: i32) {
        assert_eq!((self.code, &self.json["ready"]), (code, &Value::Bool(true)), "{self:?}");
    }
}

pub(super) fn until(come: impl Fn() -> bool, otherwise: impl Fn() -> String) {
    let began = Instant::now();
    while !come() {
        assert!(began.elapsed() < PATIENCE, "{}", otherwise());
        thread::sleep(Duration::from_millis(10));
    }
}

/// Runs each case in a thread of its own: most of their time is the script's own waiting.
pub(super) fn at_once<T: Sync>(cases: &[T], check: impl Fn(&T) + Sync) {
    thread::scope(|scope| {
        for case in cases {
            scope.spawn(|| check(case));
        }
    });
}

fn metadata_service() -> &'static (String, Instances) {
    static SERVICE: OnceLock<(String, Instances)> = OnceLock::new();
    SERVICE.get_or_init(|| {
        let instances = Instances::default();
        let (tell, told) = channel();
        let served = instances.clone();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let (address, serving) = metadata::serve(served).await.unwrap();
                tell.send(address).unwrap();
                serving.await.unwrap();
            });
        });
        (format!("http://{}", told.recv().unwrap()), instances)
    })
}
