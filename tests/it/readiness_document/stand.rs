//! What the tests of the document share: the document itself, an instance, a report.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, OnceLock};
use std::thread;

use launchgate_tests::fleet::endpoints::Endpoints;
use launchgate_tests::fleet::host::{Agent, AgentState, Host};
use launchgate_tests::fleet::metadata::{self, Instances};
use launchgate_tests::fleet::sandbox::{Run, Running, Sandbox};
use serde_json::Value;
use tempfile::TempDir;

/// An instance, its metadata service included.
pub(super) struct Instance {
    pub(super) sandbox: Sandbox,
    pub(super) dir: TempDir,
    id: String,
}

/// What a run said.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) run: Run,
    pub(super) json: Value,
}

pub(super) fn document() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../documents/readiness.yaml");
    serde_yaml_ng::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub(super) fn script() -> String {
    let document = document();
    let lines = document["mainSteps"][0]["inputs"]["runCommand"].as_array().unwrap();
    lines.iter().map(|line| line.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

/// What a shell that has read these parts says to a few more lines.
pub(super) fn part(parts: &[&str], lines: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../documents/parts");
    let read = parts.iter().flat_map(|part| [". '", folder, "/", part, "'\n"]).collect::<String>();
    let output = Command::new("dash").args(["-c", &format!("{read}{lines}")]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The domain of the endpoints of a host.
pub(super) fn domain(host: &Host) -> String {
    Endpoints::shared().unwrap().domain(host.network, host.clock_ahead).unwrap()
}

/// Every parameter, as SSM fills in the defaults.
pub(super) fn parameters(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    let document = document();
    let declared = document["parameters"].as_object().unwrap();
    let defaults = declared.iter().map(|(name, it)| (name.clone(), it["default"].as_str().unwrap().to_owned()));
    defaults.chain(given.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()))).collect()
}

/// Nothing is wrong with it.
pub(super) fn healthy(generation: u8) -> Host {
    Host::healthy(generation)
}

pub(super) fn with_agent(generation: u8, state: AgentState) -> Host {
    Host { agent: Agent { generation, state }, ..healthy(generation) }
}

pub(super) fn instance(host: &Host) -> Instance {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let id = format!("i-{:017}", NEXT.fetch_add(1, Ordering::Relaxed));
    let dir = tempfile::tempdir().unwrap();
    let url = format!("{}/{id}", metadata_service().0);
    let instance = Instance { sandbox: Sandbox::new(dir.path(), &url).unwrap(), dir, id };
    instance.show(host);
    instance
}

impl Instance {
    pub(super) fn show(&self, host: &Host) {
        self.answer_for(host);
        self.sandbox.show(host).unwrap();
    }

    /// Lets the metadata service answer for this host, whatever is shown.
    pub(super) fn answer_for(&self, host: &Host) {
        metadata_service().1.set(&self.id, host);
    }

    pub(super) fn run(&self, given: &[(&str, &str)]) -> Report {
        Report::of(self.sandbox.run(&script(), &parameters(given)).unwrap())
    }

    pub(super) fn start(&self, shell: &str, given: &[(&str, &str)]) -> Running {
        self.sandbox.start(shell, &script(), &parameters(given)).unwrap()
    }

    /// A command of the instance, before its system's own.
    pub(super) fn command(&self, name: &str, text: &str) {
        let path = self.dir.path().join("bin").join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.sandbox.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(super) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.sandbox.root().join(path)).unwrap()
    }
}

impl Report {
    pub(super) fn of(run: Run) -> Self {
        let first = run.stdout.lines().next().unwrap_or_else(|| panic!("no report: {run:?}"));
        let json = serde_json::from_str(first).unwrap_or_else(|error| panic!("{error} in {run:?}"));
        Self { run, json }
    }

    pub(super) fn codes(&self) -> Vec<&str> {
        let findings = self.json["findings"].as_array().unwrap();
        findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect()
    }

    /// The codes with their classes.
    pub(super) fn classes(&self) -> Vec<(&str, &str)> {
        let findings = self.json["findings"].as_array().unwrap();
        findings.iter().map(|it| (it["code"].as_str().unwrap(), it["class"].as_str().unwrap())).collect()
    }

    pub(super) fn detail(&self) -> &str {
        self.json["findings"][0]["detail"].as_str().unwrap()
    }

    pub(super) fn waited(&self) -> u64 {
        self.json["waited_s"].as_u64().unwrap()
    }
}

/// A port that answers each request with the next of these status codes, the last one for ever, and tells of each.
pub(super) fn web(statuses: &'static [u16]) -> (u16, Receiver<u16>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = channel();
    thread::spawn(move || {
        for number in 0.. {
            let (mut stream, _) = listener.accept().unwrap();
            let status = statuses[number.min(statuses.len() - 1)];
            let _request = stream.read(&mut [0; 4096]);
            let _answered =
                write!(stream, "HTTP/1.1 {status} Status\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _heard = tell.send(status);
        }
    });
    (port, told)
}

/// The shells of the Linux distributions that have an SSM agent. `make setup` brings what a machine lacks.
pub(super) fn shells() -> Vec<String> {
    let tools = concat!(env!("CARGO_MANIFEST_DIR"), "/../.local/tools/bin");
    let mut found = Vec::new();
    for (program, options) in [("dash", ""), ("bash", " --posix"), ("busybox", " ash")] {
        let look = format!("PATH=$PATH:{tools}; command -v {program}");
        let look = Command::new("sh").args(["-c", &look]).output().unwrap();
        match String::from_utf8(look.stdout).unwrap().trim() {
            "" if std::env::var_os("CI").is_some() || std::path::Path::new(tools).exists() => panic!("no {program}"),
            "" => println!("not on this machine, so not tried: {program}{options}"),
            path => found.push(format!("{path}{options}")),
        }
    }
    found
}

/// Runs each case in a thread of its own: most of their time is the script's own waiting.
pub(super) fn at_once<T: Sync>(cases: &[T], check: impl Fn(&T) + Sync) {
    thread::scope(|scope| {
        for case in cases {
            scope.spawn(|| check(case));
        }
    });
}

/// Runs the cases with as many threads as this machine has for them, where time-outs must not come from the load.
pub(super) fn a_few_at_once<T: Sync, R: Send>(cases: &[T], run: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, Into::into) {
            scope.spawn(|| {
                while let number = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(case) = cases.get(number)
                {
                    let result = run(case);
                    done.lock().unwrap().push((number, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

/// What still runs in a process group; a zombie does not.
pub(super) fn processes_of(group: u32) -> Vec<String> {
    let all = std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path().join("stat")).ok());
    all.filter(|stat| {
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        fields[2] == group.to_string() && fields[0] != "Z"
    })
    .collect()
}

pub(super) fn metadata_service() -> &'static (String, Instances) {
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
