//! A package manager for an instance: the real rpm or dpkg on the instance's own root. The lock is therefore real, and
//! so is the error message of a process that does not get it. Only dnf, yum, apt-get and the repository are stand-ins.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::{Run, Sandbox, agent, replace};
use crate::fleet::host::{Agent, AgentState};

/// The package format of a distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Amazon Linux: rpm under dnf and yum.
    Rpm,
    /// Ubuntu and Debian: dpkg under apt-get.
    Dpkg,
}

impl Sandbox {
    /// Gives the instance its package manager, and a repository with `java`, which provides `java-headless`, `ruby`,
    /// `update`, and the agent, which is installed and started as `codedeploy-agent`. From now on systemctl starts and
    /// restarts the agent, and the Region has no installer of it.
    ///
    /// # Errors
    /// A tool is missing: `make setup` brings it.
    pub fn add_package_manager(&self, family: Family) -> io::Result<()> {
        for folder in ["repository", "root/run", "root/var"] {
            fs::create_dir_all(self.dir.join(folder))?;
        }
        let files = self.dir.join("repository/files");
        agent::install(&files, Agent { generation: 2, state: AgentState::Stopped }, &self.agent_setting())?;
        for fifo in ["root/hold", "state/life", "state/up"] {
            run(Command::new("mkfifo").arg(self.dir.join(fifo)))?;
        }
        // Read and written by the sandbox, so that an agent that systemctl started ends with the sandbox.
        let life = OpenOptions::new().read(true).write(true).open(self.dir.join("state/life"))?;
        self.life.set(life).map_err(|_| io::Error::other("it has a package manager"))?;
        self.start_brings(Agent { generation: 2, state: AgentState::Polling })?;
        self.add_region()?;
        match family {
            Family::Rpm => self.add_rpm(&files),
            Family::Dpkg => self.add_dpkg(&files),
        }
    }

    /// What `systemctl start codedeploy-agent` brings up from now on, where an agent is installed.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn start_brings(&self, agent: Agent) -> io::Result<()> {
        let command = agent::command(&self.root(), "started-agent", agent, &self.agent_setting())?;
        let start = format!("#!/bin/sh\ndir={}\n{}", quoted(&self.dir.display().to_string()), START.trim_start());
        replace(
            &self.dir.join("state/agent"),
            &start.replace("SYSTEM", super::command::PATH).replace("AGENT", &words(&command)),
        )?;
        fs::set_permissions(self.dir.join("state/agent"), fs::Permissions::from_mode(0o755))
    }

    /// Ends an agent that systemctl had started.
    pub(super) fn end_started_agent(&self) -> io::Result<()> {
        let Ok(master) = fs::read_to_string(self.dir.join("state/started")) else { return Ok(()) };
        fs::remove_file(self.dir.join("state/started"))?;
        Command::new("kill")
            .args(["-9", "--", &format!("-{}", master.trim())])
            .stderr(Stdio::null())
            .status()
            .map(|_| ())
    }

    /// Installs with the package manager, as user data, a policy or Distributor would: without waiting for the lock.
    ///
    /// # Errors
    /// It could not be started.
    pub fn install(&self, package: &str) -> io::Result<Run> {
        let manager = if self.dir.join("bin/dnf").exists() { "dnf" } else { "apt-get" };
        self.run(&format!("exec {manager} -y install {package}\n"), &std::collections::BTreeMap::new())
    }

    fn add_rpm(&self, files: &Path) -> io::Result<()> {
        let repository = self.dir.join("repository");
        let spec = repository.join("packages.spec");
        fs::write(&spec, include_str!("packages.spec"))?;
        let define = |name: &str, value: String| ["--define".to_owned(), format!("{name} {value}")];
        let mut build = Command::new(tool("rpmbuild")?);
        build
            .args(["-bb", "--quiet"])
            .args(define("_topdir", repository.join("build").display().to_string()))
            .args(define("_rpmdir", repository.display().to_string()))
            .args(define("_rpmfilename", "%%{NAME}.rpm".to_owned()))
            .args(define("agent", files.display().to_string()));
        run(build.arg(spec))?;
        // Debian's rpm else reminds of what it is not for.
        let debian = rpm()?.args(["--force-debian", "--version"]).output()?.status.success();
        let option = if debian { "--force-debian" } else { "" };
        let root = quoted(&self.root().display().to_string());
        let rpm = words(&rpm()?);
        self.add_command(
            "rpm",
            &format!("#!/bin/sh\nexec {rpm} {option} --root {root} --dbpath /var/lib/rpm \"$@\"\n"),
        )?;
        fs::create_dir_all(self.root().join("var/lib/rpm"))?;
        let install = self.manager("rpm", "rpm -U --replacepkgs");
        self.add_command("dnf", &install)?;
        self.add_command("yum", &install)
    }

    fn add_dpkg(&self, files: &Path) -> io::Result<()> {
        let repository = self.dir.join("repository");
        fs::create_dir_all(self.root().join("var/lib/dpkg/info"))?;
        fs::create_dir_all(self.root().join("var/lib/dpkg/updates"))?;
        fs::write(
            self.root().join("var/lib/dpkg/status"),
            format!("{}Status: install ok installed\n\n", control("base-files", "")),
        )?;
        for (name, provides) in
            [("update", ""), ("java", "Provides: java-headless\n"), ("ruby", ""), ("codedeploy-agent", "")]
        {
            let tree = repository.join(name);
            fs::create_dir_all(tree.join("DEBIAN"))?;
            fs::write(tree.join("DEBIAN/control"), control(name, provides))?;
            match name {
                "update" => script(&tree.join("DEBIAN/preinst"), "#!/bin/sh\nread -r _ <\"$DPKG_ROOT/hold\"\n")?,
                "codedeploy-agent" => run(Command::new("cp").arg("-a").arg(files.join(".")).arg(&tree))?,
                _ => (),
            }
            run(Command::new("dpkg-deb")
                .args(["--root-owner-group", "--build"])
                .arg(&tree)
                .arg(repository.join(format!("{name}.deb"))))?;
        }
        let root = quoted(&self.root().display().to_string());
        self.add_command("dpkg-query", &format!("#!/bin/sh\nexec /usr/bin/dpkg-query --root {root} \"$@\"\n"))?;
        let dpkg =
            format!("PATH=$PATH:/usr/sbin:/sbin dpkg --force-script-chrootless --force-not-root --root {root} -i");
        self.add_command("apt-get", &self.manager("deb", &dpkg))
    }

    fn manager(&self, ending: &str, install: &str) -> String {
        let dir = quoted(&self.dir.display().to_string());
        format!("#!/bin/sh\ndir={dir}\n{}", MANAGER.trim_start().replace("ENDING", ending).replace("INSTALL", install))
    }
}

fn control(name: &str, provides: &str) -> String {
    format!(
        "Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.com>\n{provides}Description: a stand-in\n"
    )
}

fn script(path: &Path, text: &str) -> io::Result<()> {
    fs::write(path, text)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

fn tool(name: &str) -> io::Result<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.local/tools/bin")).join(name);
    if path.exists() { Ok(path) } else { Err(io::Error::other(format!("there is no {name}: run `make setup`"))) }
}

pub(super) fn run(command: &mut Command) -> io::Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "{command:?} ended with {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    )))
}

/// rpm changes its root, for which whoever is not root becomes one of a user namespace.
pub(super) fn rpm() -> io::Result<Command> {
    if rustix::process::geteuid().is_root() {
        return Ok(Command::new(tool("rpm")?));
    }
    let mut command = Command::new("unshare");
    command.arg("--map-root-user").arg(tool("rpm")?);
    Ok(command)
}

/// The command as a shell reads it.
fn words(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

pub(super) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// What is above rpm and dpkg finds the packages and, as the agent's own package does after its installation, starts the
/// agent; ruby becomes something that runs what is Ruby and shell at once. A test may stand in its way before it takes the lock, and sees how each transaction ended.
const MANAGER: &str = r#"
files=
for word; do
  case $word in -* | *::* | install | localinstall) continue ;; update) exit 0 ;; esac
  [ "$word" != java-headless ] || word=java
  if [ ! -e "$dir/repository/$word.ENDING" ]; then
    echo "Error: Unable to find a match: $word" >&2
    exit 1
  fi
  files="$files $dir/repository/$word.ENDING"
done
if [ -e "$dir/state/asked" ]; then
  echo asked >"$dir/state/asked"
  read -r _ <"$dir/state/go"
fi
INSTALL $files
code=$?
echo "$code" >>"$dir/state/transactions"
case $code$files in 0*/ruby.*) ln -s /bin/sh "$dir/bin/ruby" ;; esac
case $code$files in 0*/codedeploy-agent.*) systemctl start codedeploy-agent ;; esac
exit "$code"
"#;

const START: &str = r#"
root=$dir/root
if [ ! -x "$root/opt/codedeploy-agent/bin/codedeploy-agent" ]; then
  echo "Failed to $1 codedeploy-agent.service: Unit codedeploy-agent.service not found." >&2
  exit 5
fi
gone() { ! { read -r _ _ state _ <"/proc/$1/stat"; } 2>/dev/null || [ "$state" = Z ]; }
read -r master <"$dir/state/master"
if [ "${master:-0}" -gt 0 ] && ! gone "$master"; then
  [ "$1" = restart ] || exit 0
  # systemd sends it to all processes of the unit.
  pkill -TERM -P "$master"
  kill "$master"
  until gone "$master"; do sleep 0.1; done
fi
setsid env -i PATH=SYSTEM AGENT <"$dir/state/life" >"$dir/state/up" 2>/dev/null &
started=$!
grep -vx codedeploy-agent "$dir/state/units" >"$dir/state/units.new"
if read -r _ <"$dir/state/up"; then
  echo "$started" >"$dir/state/started"
  echo codedeploy-agent >>"$dir/state/units.new"
else
  started=0
fi
echo "$started" >"$dir/state/master"
mv "$dir/state/units.new" "$dir/state/units"
"#;
