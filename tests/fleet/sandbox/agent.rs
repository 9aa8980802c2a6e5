//! A stand-in for the CodeDeploy agent: its files, its log, and its two processes (aws-facts 10.1, 10.2, 10.3, 10.4).

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::fleet::host::{Agent, AgentState};

const ROOT: &str = "opt/codedeploy-agent";
const PID_FILE: &str = "opt/codedeploy-agent/state/.pid/codedeploy-agent.pid";
const LOG_FILE: &str = "var/log/aws/codedeploy-agent/codedeploy-agent.log";
const CONFIG: &str = "etc/codedeploy-agent/conf/codedeployagent.yml";

/// The running stand-in.
#[derive(Debug)]
pub(super) struct StandIn(Child);

impl StandIn {
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
pub(super) fn install(root: &Path, agent: Agent) -> io::Result<()> {
    for old in [ROOT, "etc/codedeploy-agent", "var/log/aws/codedeploy-agent"] {
        remove(&root.join(old))?;
    }
    if agent.state == AgentState::Missing {
        return Ok(());
    }
    let (binary, version, config) = files_of(agent.generation);
    let program = root.join(ROOT).join("bin/codedeploy-agent");
    write(&program, binary)?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    write(&root.join(ROOT).join(".version"), version)?;
    write(&root.join(CONFIG), config)?;
    fs::create_dir_all(root.join(PID_FILE).with_file_name(""))?;
    fs::create_dir_all(root.join(LOG_FILE).with_file_name(""))
}

/// Starts its processes, if it is in a state that has any.
pub(super) fn start(root: &Path, agent: Agent) -> io::Result<Option<StandIn>> {
    if matches!(agent.state, AgentState::Missing | AgentState::Stopped) {
        return Ok(None);
    }
    let mut child = command(root, agent).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let up = child.stdout.take().map(|out| BufReader::new(out).read_line(&mut String::new()));
    let stand_in = StandIn(child);
    match up.transpose()? {
        Some(read) if read > 0 => Ok(Some(stand_in)),
        _ => Err(io::Error::other("the stand-in for the agent did not come up")),
    }
}

/// What brings its processes up. They end with their standard input, and print a line when they are as asked.
pub(super) fn command(root: &Path, agent: Agent) -> Command {
    let mut command = Command::new("perl");
    command
        .args(["-e", include_str!("agent.pl"), &agent.generation.to_string(), worker_fate(agent)])
        .args([root.join(PID_FILE), root.join(LOG_FILE)])
        .args(log_lines(agent));
    command
}

fn files_of(generation: u8) -> (&'static str, &'static str, &'static str) {
    if generation == 1 {
        (
            "#!/usr/bin/env ruby\n",
            "agent_version: OFFICIAL_1.8.1-26_rpm\n",
            ":pid_dir: '/opt/codedeploy-agent/state/.pid/'\n:log_dir: '/var/log/aws/codedeploy-agent/'\n\
             :program_name: codedeploy-agent\n:proxy_uri:\n",
        )
    } else {
        (
            "\u{7f}ELF",
            "agent_version: 2.1.0\n",
            "pid_dir: /opt/codedeploy-agent/state/.pid\nlog_dir: /var/log/aws/codedeploy-agent\nwait_between_runs: 30\n",
        )
    }
}

/// A 2.x worker ends for want of credentials, a 1.x one goes on asking.
fn worker_fate(agent: Agent) -> &'static str {
    match (agent.state, agent.generation) {
        (AgentState::Restarting, _) => "returns",
        (AgentState::NoWorker, _) | (AgentState::NoCredentials, 2..) => "dies",
        _ => "stays",
    }
}

/// What each start of a worker adds to the log.
fn log_lines(agent: Agent) -> Vec<&'static str> {
    let lines = if agent.generation == 1 { &FIRST } else { &SECOND };
    let trouble = match agent.state {
        AgentState::NoCredentials => lines.no_credentials,
        AgentState::PollFails => lines.poll_fails,
        AgentState::NoRoute => lines.no_route,
        AgentState::TlsFails => lines.tls_fails,
        AgentState::ClockSkewed => lines.clock_skewed,
        AgentState::AccessDenied => lines.access_denied,
        AgentState::NoWorker | AgentState::Restarting => lines.crash,
        AgentState::Starting | AgentState::Polling | AgentState::Missing | AgentState::Stopped => lines.polling,
    };
    lines.start.iter().chain(trouble).copied().collect()
}

struct Lines {
    start: &'static [&'static str],
    polling: &'static [&'static str],
    poll_fails: &'static [&'static str],
    no_route: &'static [&'static str],
    tls_fails: &'static [&'static str],
    clock_skewed: &'static [&'static str],
    access_denied: &'static [&'static str],
    no_credentials: &'static [&'static str],
    crash: &'static [&'static str],
}

const FIRST: Lines = Lines {
    start: &[
        " INFO  [codedeploy-agent(MASTER)]: master MASTER: Spawned child 1/1",
        " INFO  [codedeploy-agent(MASTER)]: Started master MASTER with 1 children",
        " INFO  [codedeploy-agent(WORKER)]: On Premises config file does not exist or not readable",
    ],
    polling: &[
        " INFO  [codedeploy-agent(WORKER)]: Version file found in /opt/codedeploy-agent/.version with agent version \
         OFFICIAL_1.8.1-26_rpm.",
        " INFO  [codedeploy-agent(WORKER)]: [Aws::CodeDeployCommand::Client 200 60.141093 0 retries] \
         poll_host_command(host_identifier:\"arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d4e5f60718\")  ",
    ],
    poll_fails: &[
        " ERROR [codedeploy-agent(WORKER)]: InstanceAgent::Plugins::CodeDeployPlugin::CommandPoller: Cannot reach \
         InstanceService: Aws::CodeDeployCommand::Errors::InternalServerError - try again",
    ],
    no_route: &[
        " ERROR [codedeploy-agent(WORKER)]: InstanceAgent::Plugins::CodeDeployPlugin::CommandPoller: Network error: \
         #<Seahorse::Client::NetworkingError: Failed to open TCP connection to \
         codedeploy-commands.eu-west-1.amazonaws.com:443 (execution expired)>",
    ],
    tls_fails: &[
        " ERROR [codedeploy-agent(WORKER)]: InstanceAgent::Plugins::CodeDeployPlugin::CommandPoller: Network error: \
         #<Seahorse::Client::NetworkingError: SSL_connect returned=1 errno=0 state=error: certificate verify failed>",
    ],
    clock_skewed: &[
        " ERROR [codedeploy-agent(WORKER)]: InstanceAgent::Plugins::CodeDeployPlugin::CommandPoller: Cannot reach \
         InstanceService: Aws::CodeDeployCommand::Errors::InvalidSignatureException - Signature expired: \
         20260101T000000Z is now earlier than 20260101T001500Z",
    ],
    access_denied: &[
        " ERROR [codedeploy-agent(WORKER)]: InstanceAgent::Plugins::CodeDeployPlugin::CommandPoller: Cannot reach \
         InstanceService: Aws::CodeDeployCommand::Errors::AccessDeniedException - not authorized",
    ],
    no_credentials: &[
        " ERROR [codedeploy-agent(WORKER)]: InstanceAgent::Plugins::CodeDeployPlugin::CommandPoller: Missing \
         credentials - please check if this instance was started with an IAM instance profile",
    ],
    crash: &[
        " ERROR [codedeploy-agent(WORKER)]: booting child: error during start or run: Net::OpenTimeout - execution \
         expired - /usr/share/ruby3.2/net/http.rb:987:in `initialize'",
    ],
};

const SECOND: Lines = Lines {
    start: &[
        "  INFO Worker WORKER starting",
        "  INFO On Premises config file does not exist or not readable",
        "  INFO Resolved region: eu-west-1",
        "  INFO Resolved host identifier: arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d4e5f60718",
    ],
    polling: &[
        "  INFO TLS verification passed for https://codedeploy-commands.eu-west-1.amazonaws.com",
        "  INFO Worker WORKER entering polling loop",
        "  INFO Starting host command poll loop poll_interval_ms=30000 max_concurrent=16",
    ],
    poll_fails: &[
        "  INFO Worker WORKER entering polling loop",
        " ERROR Error polling for host commands: CodeDeploy command service error: ServerException: try again",
    ],
    no_route: &[
        "  INFO Worker WORKER entering polling loop",
        " ERROR Error polling for host commands: CodeDeploy command service error: NetworkError: connection refused",
    ],
    tls_fails: &[
        "  INFO Worker WORKER entering polling loop",
        " ERROR Error polling for host commands: CodeDeploy command service error: NetworkError: invalid peer \
         certificate: UnknownIssuer",
    ],
    clock_skewed: &[
        "  INFO Worker WORKER entering polling loop",
        " ERROR Error polling for host commands: CodeDeploy command service error: ClientException: \
         InvalidSignatureException: Signature expired: 20260101T000000Z is now earlier than 20260101T001500Z",
    ],
    access_denied: &[
        "  INFO Worker WORKER entering polling loop",
        " ERROR Error polling for host commands: CodeDeploy command service error: ClientException: \
         AccessDeniedException: not authorized",
    ],
    no_credentials: &[
        " ERROR Worker failed to create CodeDeploy client: IMDS credentials unavailable: no instance profile",
    ],
    crash: &[" ERROR SSL validation failed for endpoint https://codedeploy-commands.eu-west-1.amazonaws.com"],
};

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
