//! A stand-in for the CodeDeploy agent: its files, its log, and its two processes (aws-facts 10.1, 10.2, 10.3, 10.4, 18).

mod lines;
mod setting;

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub use self::setting::AgentSetting;
use crate::fleet::host::{Agent, AgentState};

const ROOT: &str = "opt/codedeploy-agent";
const PROGRAM: &str = "opt/codedeploy-agent/bin/codedeploy-agent";
const PID_FOLDER: &str = "opt/codedeploy-agent/state/.pid";
const LOG_FOLDER: &str = "var/log/aws/codedeploy-agent";
const CONFIG: &str = "etc/codedeploy-agent/conf/codedeployagent.yml";
const PERL: &str = "/usr/bin/perl";

/// The running stand-in.
#[derive(Debug)]
pub(super) struct StandIn(Child);

impl StandIn {
    /// The unit's `MainPID`.
    pub(super) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        // The stand-in ends with its input, which `wait` closes.
        let _ended = self.0.wait();
    }
}

/// Makes the files of this agent, and none of any other, be there.
pub(super) fn install(root: &Path, agent: Agent, setting: &AgentSetting) -> io::Result<()> {
    for old in [ROOT, "etc/codedeploy-agent", LOG_FOLDER] {
        remove(&root.join(old))?;
    }
    if agent.state == AgentState::Missing {
        return Ok(());
    }
    let program = root.join(PROGRAM);
    let binary = if agent.generation == 1 { "#!/usr/bin/env ruby\n" } else { "\u{7f}ELF" };
    write(&program, binary)?;
    if agent.generation != 1 && agent.state == AgentState::NoWorker {
        // The program that the master is started from, and that is replaced under it. It is copied by another process:
        // a file that this one has open for writing would be busy for a child that it starts at the same moment.
        Command::new("cp").args(["-L", PERL]).arg(&program).status()?;
    }
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    if agent.generation == 1 {
        write(&root.join(ROOT).join(".version"), "agent_version: OFFICIAL_1.8.1-26_rpm\n")?;
    }
    write(&root.join(CONFIG), &setting.config())?;
    fs::create_dir_all(root.join(PID_FOLDER))?;
    fs::create_dir_all(root.join(LOG_FOLDER))
}

/// Starts its processes, if it is in a state that has any.
pub(super) fn start(root: &Path, agent: Agent, setting: &AgentSetting) -> io::Result<Option<StandIn>> {
    if matches!(agent.state, AgentState::Missing | AgentState::Stopped) {
        return Ok(None);
    }
    let mut command = command(root, "agent", agent, setting)?;
    let mut child =
        command.env_clear().env("PATH", super::command::PATH).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let up = child.stdout.take().map(|out| BufReader::new(out).read_line(&mut String::new()));
    let stand_in = StandIn(child);
    match up.transpose()? {
        Some(read) if read > 0 => Ok(Some(stand_in)),
        _ => Err(io::Error::other("the stand-in for the agent did not come up")),
    }
}

/// What brings its processes up: the bash of its unit, which reads /etc/profile (aws-facts 10.1). They end with their
/// standard input, and print a line when they are as asked. What they read is written into this folder beside the root.
pub(super) fn command(root: &Path, folder: &str, agent: Agent, setting: &AgentSetting) -> io::Result<Command> {
    let folder = root.with_file_name(folder);
    prepare(root, &folder, agent, setting)?;
    let quoted = |path: &Path| format!("'{}'", path.display());
    let profile = quoted(&root.join("etc/profile"));
    let program = match (agent.generation, agent.state) {
        (2.., AgentState::NoWorker) => root.join(PROGRAM),
        _ => folder.join("codedeploy-agent"),
    };
    let variables: Vec<String> =
        setting.environment.iter().map(|(name, value)| format!("{name}='{value}'; ")).collect();
    let variables = variables.concat();
    let start = format!("exec -a /{PROGRAM} {} start", quoted(&program));
    let start = if setting.bash_stays { format!("({start}); exit $?") } else { start };
    let line = format!("[ -f {profile} ] && source {profile}; {variables}cd {} && {start}", quoted(&folder));
    let mut command = Command::new("/bin/bash");
    command.args(["-a", "-c", &line]);
    Ok(command)
}

/// Writes what the stand-in reads when it starts.
fn prepare(root: &Path, folder: &Path, agent: Agent, setting: &AgentSetting) -> io::Result<()> {
    let text = if agent.generation == 1 { include_str!("agent/first.pl") } else { include_str!("agent/second.pl") };
    for name in ["start", "worker"] {
        write(&folder.join(name), text)?;
    }
    let pid_name = if agent.generation == 1 { &*setting.program_name } else { "codedeploy-agent" };
    let settings = [
        ("fate", fate(agent).to_owned()),
        ("program_name", setting.program_name.clone()),
        ("program_file", root.join(PROGRAM).display().to_string()),
        ("version_file", root.join(ROOT).join(".version").display().to_string()),
        ("pid_file", root.join(PID_FOLDER).join(format!("{pid_name}.pid")).display().to_string()),
        ("log_file", root.join(LOG_FOLDER).join(format!("{}.log", setting.program_name)).display().to_string()),
        ("log_age", setting.log_age.to_string()),
        ("pace", (f64::from(setting.pace_percent) / 100.0).to_string()),
        ("stop_seconds", setting.stop_seconds.to_string()),
    ];
    let settings: Vec<String> = settings.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    write(&folder.join("settings"), &settings.concat())?;
    let own = lines::log_lines(agent).into_iter();
    let all: Vec<String> =
        own.chain(setting.more_log.iter().map(String::as_str)).map(|line| format!("{line}\n")).collect();
    write(&folder.join("lines"), &all.concat())?;
    let program = folder.join("codedeploy-agent");
    match symlink(PERL, &program) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// What becomes of the workers. One of 2.x ends for want of credentials and over TLS, one of 1.x goes on asking. A master
/// of 2.x always has a next one, except where its program was replaced (aws-facts 18).
fn fate(agent: Agent) -> &'static str {
    match (agent.state, agent.generation) {
        (AgentState::Stopping, 2..) => "stops",
        (AgentState::WorkerKilled, _) => "is killed",
        (AgentState::NoWorker, 2..) => "never returns",
        (AgentState::NoWorker, _) => "dies",
        (AgentState::Restarting, _) | (AgentState::NoCredentials | AgentState::TlsFails, 2..) => "returns",
        _ => "stays",
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(path.with_file_name(""))?;
    fs::write(path, text)
}
