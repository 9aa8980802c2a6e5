//! An instance in a directory, on which the tests of both SSM documents really run their scripts.

pub(crate) mod documents;
mod metadata;
pub(crate) mod threads;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use launchgate_tests::fleet::host::{Agent, AgentState, Host};
use launchgate_tests::fleet::sandbox::{Family, Run, Running, Sandbox, write_program};
use serde_json::Value;
use tempfile::TempDir;

use self::documents::{parameters, script};
pub(crate) use self::metadata::metadata_service;

/// A sandbox with a metadata service of its own.
pub(crate) struct Instance {
    pub(crate) sandbox: Sandbox,
    pub(crate) dir: TempDir,
    id: String,
}

/// What a run left, and its first line as JSON.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) run: Run,
    pub(crate) json: Value,
}

/// A healthy host except for its agent.
pub(crate) fn with_agent(generation: u8, state: AgentState) -> Host {
    Host { agent: Agent { generation, state }, ..Host::healthy(generation) }
}

impl Instance {
    /// An instance in the state of this host. With a package family, it has a package manager that installs the agent.
    pub(crate) fn new(host: &Host, packages: Option<Family>) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let id = format!("i-{:017}", NEXT.fetch_add(1, Ordering::Relaxed));
        let dir = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::new(dir.path(), &format!("{}/{id}", metadata_service().0)).unwrap();
        if let Some(family) = packages {
            sandbox.add_package_manager(family).unwrap();
        }
        let instance = Self { sandbox, dir, id };
        instance.show(host);
        instance
    }

    /// Puts the instance into the state of this host.
    pub(crate) fn show(&self, host: &Host) {
        self.answer_for(host);
        self.sandbox.show(host).unwrap();
    }

    /// Lets the metadata service answer for this host, whatever is shown.
    pub(crate) fn answer_for(&self, host: &Host) {
        metadata_service().1.set(&self.id, host);
    }

    /// Takes the user data away that the metadata service had for it.
    pub(crate) fn forget_user_data(&self) {
        metadata_service().1.forget_user_data(&self.id);
    }

    /// Runs the readiness document to its end.
    pub(crate) fn readiness(&self, given: &[(&str, &str)]) -> Report {
        Report::of(self.start_readiness("sh", given).finish().unwrap())
    }

    pub(crate) fn start_readiness(&self, shell: &str, given: &[(&str, &str)]) -> Running {
        let (script, parameters) = (script("readiness", "readiness"), parameters("readiness", given));
        self.sandbox.start(shell, &script, &parameters).unwrap()
    }

    /// A file beside the root of the instance.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A command of the instance, which goes before its system's own.
    pub(crate) fn command(&self, name: &str, text: &str) {
        write_program(&self.path("bin").join(name), text).unwrap();
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.sandbox.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.sandbox.root().join(path)).unwrap()
    }

    /// The pid of the agent's master, as the agent wrote it down.
    pub(crate) fn master(&self) -> String {
        self.read("opt/codedeploy-agent/state/.pid/codedeploy-agent.pid").trim().to_owned()
    }
}

impl Report {
    pub(crate) fn of(run: Run) -> Self {
        let first = run.stdout.lines().next().unwrap_or_else(|| panic!("no report: {run:?}"));
        let json = serde_json::from_str(first).unwrap_or_else(|error| panic!("{error} in {run:?}"));
        Self { run, json }
    }

    fn findings(&self, key: &str) -> Vec<&str> {
        let findings = self.json["findings"].as_array().unwrap();
        findings.iter().map(|finding| finding[key].as_str().unwrap()).collect()
    }

    pub(crate) fn codes(&self) -> Vec<&str> {
        self.findings("code")
    }

    /// The codes with their classes.
    pub(crate) fn classes(&self) -> Vec<(&str, &str)> {
        self.codes().into_iter().zip(self.findings("class")).collect()
    }

    /// The codes with their details.
    pub(crate) fn details(&self) -> Vec<(&str, &str)> {
        self.codes().into_iter().zip(self.findings("detail")).collect()
    }

    /// The detail of the first finding.
    pub(crate) fn detail(&self) -> &str {
        self.findings("detail")[0]
    }

    pub(crate) fn waited(&self) -> u64 {
        self.json["waited_s"].as_u64().unwrap()
    }

    /// Asserts that the report says ready and the run ended with this code.
    pub(crate) fn assert_ready(&self, code: i32) {
        assert_eq!((self.run.code, &self.json["ready"]), (code, &Value::Bool(true)), "{self:?}");
    }
}
