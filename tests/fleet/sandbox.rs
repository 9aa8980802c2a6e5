//! Makes a [`Host`] real in a directory for a real script: real sh, curl, /proc, processes and ports. Stand-ins replace
//! only what the machine lacks: systemd, cloud-init, the agent, and the commands of a policy.

mod agent;
mod boot;
mod command;
mod inside;
mod lock;
mod managers;
mod packages;
mod processes;
mod program;
mod real_boot;
mod region;
mod run;

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

pub use self::agent::AgentSetting;
pub use self::boot::CloudInit;
pub use self::command::{SsmCommand, Step};
pub use self::lock::Transaction;
pub use self::managers::Manager;
pub use self::packages::Family;
pub use self::program::write_program;
pub use self::run::{Run, Running};
use crate::fleet::endpoints::Endpoints;
use crate::fleet::host::{Agent, Host, Metadata};

/// One made-up instance. Its processes end with it.
#[derive(Debug)]
pub struct Sandbox {
    dir: PathBuf,
    metadata_url: String,
    shown: Mutex<Shown>,
    cloud_init: Mutex<CloudInit>,
    agent_setting: Mutex<AgentSetting>,
    /// Whoever reads it ends with this sandbox.
    life: OnceLock<fs::File>,
}

/// What is up now and must be kept, ended or replaced by the next state.
#[derive(Debug, Default)]
struct Shown {
    agent: Option<(Agent, AgentSetting)>,
    metadata_blocked: bool,
    without: BTreeSet<String>,
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
            shown: Mutex::default(),
            cloud_init: Mutex::new(CloudInit::V22_2),
            agent_setting: Mutex::default(),
            life: OnceLock::new(),
        };
        for folder in ["root", "bin", "state", "scripts", "agent"] {
            fs::create_dir_all(dir.join(folder))?;
        }
        fs::write(dir.join(command::WORKER), include_str!("sandbox/worker.pl"))?;
        let state = format!("state='{}'\n", dir.join("state").display());
        let certificate = dir.join("trusted.pem");
        fs::write(&certificate, Endpoints::shared()?.certificate())?;
        fs::write(dir.join("wgetrc"), format!("ca_certificate = {}\n", certificate.display()))?;
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
        shown.metadata_blocked = host.metadata == Metadata::Blocked;
        self.show_boot(host.boot)?;
        self.show_disk(host.disk_full)?;
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

    /// Starts a script on an instance whose sh is this shell, which is a command and its options, and leaves it running.
    ///
    /// # Errors
    /// It could not be started.
    pub fn start(&self, shell: &str, script: &str, parameters: &BTreeMap<String, String>) -> io::Result<Running> {
        let steps = vec![Step::Script(script.to_owned())];
        self.start_command(&SsmCommand { shell, steps, parameters, pastes: false })
    }

    /// From now on cloud-init is of this version.
    pub fn set_cloud_init(&self, version: CloudInit) {
        *self.cloud_init.lock().unwrap_or_else(PoisonError::into_inner) = version;
    }

    /// From now on the instance lacks a command of its system.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn remove_command(&self, name: &str) -> io::Result<()> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let system = self.dir.join("system");
        if shown.without.is_empty() {
            self.link_system()?;
        }
        shown.without.insert(name.to_owned());
        remove(&system.join(name))?;
        remove(&self.dir.join("bin").join(name))
    }

    fn show_disk(&self, full: bool) -> io::Result<()> {
        if full { self.add_command("df", DF) } else { remove(&self.dir.join("bin/df")) }
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

    /// From now on systemd shows these properties of a unit, such as `ActiveState=failed`, in place of the usual ones.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn set_service(&self, unit: &str, properties: &str) -> io::Result<()> {
        replace(&self.dir.join(format!("state/{unit}.service")), properties)
    }

    fn add_command(&self, name: &str, text: &str) -> io::Result<()> {
        let new = self.dir.join("scripts").join(name);
        write_program(&new, text)?;
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

/// The second line is what counts: `-Pk` asks for KB, `-Pi` for inodes.
const DF: &str = "#!/bin/sh
case $1 in -Pi) free=500000 ;; *) free=4 ;; esac
echo 'Filesystem 1024-blocks Used Available Capacity Mounted on'
echo \"/dev/xvda1 8376300 8376296 $free 100% /\"
";

const SYSTEMCTL: &str = r#"
for unit; do :; done
active() { grep -qxF -- "${unit%.service}" "$state/units"; }
case $1 in
  start | restart) [ ! -x "$state/agent" ] || exec "$state/agent" "$1" ;;
  is-active) active ;;
  enable) printf '%s\n' "${unit%.service}" >>"$state/enabled" ;;
  show)
    while [ "$1" != -- ]; do shift; done
    shift
    between=
    for unit; do
      unit=${unit%.service}
      printf '%s' "$between"
      between='
'
      active && word=active || word=inactive
      pid=0
      if [ "$unit" = codedeploy-agent ]; then
        pid=$(cat "$state/master")
        [ ! -s "$state/agent-unit" ] || word=$(cat "$state/agent-unit")
      fi
      printf 'MainPID=%s\nNRestarts=0\nLoadState=loaded\nActiveState=%s\n' "$pid" "$word"
      printf 'ActiveEnterTimestampMonotonic=1\n'
      cat "$state/$unit.service" 2>/dev/null
    done ;;
  status)
    active && exit 0
    printf '%s.service\n     Active: inactive (dead)\n' "${unit%.service}"
    exit 3 ;;
esac
"#;
