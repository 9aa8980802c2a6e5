//! A [`Host`] made real in a directory, for a real script: real sh, curl, /proc, processes and ports. It fakes only what
//! the machine it runs on lacks: systemd, cloud-init, the agent, and the commands of a policy.

mod agent;
mod packages;
mod run;

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::json;

pub use self::packages::{Family, Transaction};
pub use self::run::{Run, Running};
use crate::fleet::host::{Agent, Boot, Host};

/// One made-up instance. Its processes end with it.
#[derive(Debug)]
pub struct Sandbox {
    dir: PathBuf,
    metadata_url: String,
    runs: AtomicUsize,
    shown: Mutex<Shown>,
    /// Whoever reads it ends with this sandbox.
    life: OnceLock<fs::File>,
}

/// What is up now and must be kept, ended or replaced by the next state.
#[derive(Debug, Default)]
struct Shown {
    agent: Option<Agent>,
    processes: Option<agent::StandIn>,
    ports: BTreeMap<u16, TcpListener>,
    commands: BTreeSet<String>,
}

impl Sandbox {
    /// An instance in an empty directory, whose metadata service is at this URL.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn new(dir: &Path, metadata_url: &str) -> io::Result<Self> {
        let sandbox = Self {
            dir: dir.to_path_buf(),
            metadata_url: metadata_url.to_owned(),
            runs: AtomicUsize::new(0),
            shown: Mutex::default(),
            life: OnceLock::new(),
        };
        for folder in ["root", "bin", "state", "scripts"] {
            fs::create_dir_all(dir.join(folder))?;
        }
        let state = format!("state='{}'\n", dir.join("state").display());
        sandbox.add_command("systemctl", &format!("#!/bin/sh\n{state}{SYSTEMCTL}"))?;
        Ok(sandbox)
    }

    /// The instance's file system.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.dir.join("root")
    }

    /// Moves the instance to this state, from whatever state it is in.
    ///
    /// # Errors
    /// A file cannot be written, a port is taken, or there is no perl for the stand-ins.
    pub fn show(&self, host: &Host) -> io::Result<()> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        self.show_boot(host.boot)?;
        self.show_agent(host.agent, &mut shown)?;
        self.show_units(&host.units, &shown)?;
        self.show_commands(&host.commands, &mut shown)?;
        show_ports(&host.ports, &mut shown)
    }

    /// Runs a script as the SSM agent would, to its end.
    ///
    /// # Errors
    /// It could not be started or waited for.
    pub fn run(&self, script: &str, parameters: &BTreeMap<String, String>) -> io::Result<Run> {
        self.start("sh", script, parameters)?.finish()
    }

    /// Starts a script under a shell, which is a command and its options, and leaves it running.
    ///
    /// # Errors
    /// It could not be started.
    pub fn start(&self, shell: &str, script: &str, parameters: &BTreeMap<String, String>) -> io::Result<Running> {
        let number = self.runs.fetch_add(1, Ordering::Relaxed);
        let file = self.dir.join(format!("scripts/{number}.sh"));
        fs::write(&file, script)?;
        let mut command = Command::new("env");
        command
            .args(shell.split_whitespace())
            .arg(&file)
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", self.dir.join("bin").display()))
            .env("LAUNCHGATE_ROOT", self.root())
            .env("LAUNCHGATE_METADATA", &self.metadata_url)
            .envs(parameters.iter().map(|(name, value)| (format!("SSM_{name}"), value)));
        Running::start(command)
    }

    /// The files as cloud-init 22.2 writes them, the command for when they are not there.
    fn show_boot(&self, boot: Boot) -> io::Result<()> {
        let folder = self.root().join("run/cloud-init");
        if boot == Boot::NoCloudInit {
            remove(&self.dir.join("bin/cloud-init"))?;
            return if folder.exists() { fs::remove_dir_all(folder) } else { Ok(()) };
        }
        fs::create_dir_all(&folder)?;
        let (finished, stage, status) = match boot {
            Boot::Running => (None, Some("modules-final"), "running"),
            Boot::UserDataFailed => (Some(1_700_000_012.5), None, "error"),
            Boot::Done | Boot::NoCloudInit => (Some(1_700_000_012.5), None, "done"),
        };
        self.add_command("cloud-init", &format!("#!/bin/sh\necho 'status: {status}'\n"))?;
        let errors: &[&str] = if boot == Boot::UserDataFailed { &[USER_DATA_ERROR] } else { &[] };
        let last = json!({"errors": errors, "start": 1_700_000_009.5, "finished": finished});
        let done = json!({"errors": [], "start": 1_700_000_001.5, "finished": 1_700_000_009.0});
        let v1 = json!({"datasource": "DataSourceEc2Local", "stage": stage, "init": done, "init-local": done,
            "modules-config": done, "modules-final": last});
        replace(&folder.join("status.json"), &format!("{:#}\n", json!({"v1": v1})))?;
        if boot == Boot::Running {
            return remove(&folder.join("result.json"));
        }
        let result = json!({"v1": {"datasource": "DataSourceEc2Local", "errors": errors}});
        replace(&folder.join("result.json"), &format!("{result:#}\n"))
    }

    fn show_agent(&self, agent: Agent, shown: &mut Shown) -> io::Result<()> {
        if shown.agent == Some(agent) {
            return Ok(());
        }
        shown.processes = None;
        shown.agent = None;
        self.end_started_agent()?;
        agent::install(&self.root(), agent)?;
        shown.processes = agent::start(&self.root(), agent)?;
        shown.agent = Some(agent);
        let pid = shown.processes.as_ref().map_or(0, agent::StandIn::pid);
        replace(&self.dir.join("state/master"), &pid.to_string())
    }

    fn show_units(&self, units: &BTreeSet<String>, shown: &Shown) -> io::Result<()> {
        let agent = shown.processes.iter().map(|_| "codedeploy-agent");
        let active: Vec<&str> = units.iter().map(String::as_str).chain(agent).collect();
        replace(&self.dir.join("state/units"), &(active.join("\n") + "\n"))
    }

    fn show_commands(&self, commands: &BTreeSet<String>, shown: &mut Shown) -> io::Result<()> {
        for gone in shown.commands.difference(commands) {
            remove(&self.dir.join("bin").join(gone))?;
        }
        for new in commands.difference(&shown.commands) {
            self.add_command(new, "#!/bin/sh\n")?;
        }
        shown.commands.clone_from(commands);
        Ok(())
    }

    fn add_command(&self, name: &str, text: &str) -> io::Result<()> {
        let new = self.dir.join("scripts").join(name);
        fs::write(&new, text)?;
        fs::set_permissions(&new, fs::Permissions::from_mode(0o755))?;
        fs::rename(new, self.dir.join("bin").join(name))
    }
}

fn show_ports(ports: &BTreeSet<u16>, shown: &mut Shown) -> io::Result<()> {
    shown.ports.retain(|port, _| ports.contains(port));
    for &port in ports {
        if let Entry::Vacant(free) = shown.ports.entry(port) {
            free.insert(TcpListener::bind((Ipv4Addr::LOCALHOST, port))?);
        }
    }
    Ok(())
}

/// At once, since a script may be reading it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let new = path.with_extension("new");
    fs::write(&new, text)?;
    fs::rename(new, path)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

const USER_DATA_ERROR: &str =
    "('scripts-user', RuntimeError('Runparts: 1 failures (part-001) in 1 attempted commands'))";

const SYSTEMCTL: &str = r#"
for unit; do :; done
active() { grep -qxF -- "${unit%.service}" "$state/units"; }
case $1 in
  start | restart) [ ! -x "$state/agent" ] || exec "$state/agent" "$1" ;;
  is-active) active ;;
  show)
    active && word=active || word=inactive
    printf 'MainPID=%s\nActiveState=%s\n' "$(cat "$state/master")" "$word" ;;
  status)
    active && exit 0
    printf '%s.service\n     Active: inactive (dead)\n' "${unit%.service}"
    exit 3 ;;
esac
"#;
