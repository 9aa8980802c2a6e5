//! What the agent writes into its log (aws-facts 10.4, 18).

use crate::fleet::host::{Agent, AgentState};

/// What each start of a worker adds to the log, without the time.
pub(super) fn log_lines(agent: Agent) -> Vec<&'static str> {
    let lines = if agent.generation == 1 { &FIRST } else { &SECOND };
    let trouble = match agent.state {
        AgentState::NoCredentials => lines.no_credentials,
        AgentState::PollFails => lines.poll_fails,
        AgentState::NoRoute => lines.no_route,
        AgentState::TlsFails => lines.tls_fails,
        AgentState::ClockSkewed => lines.clock_skewed,
        AgentState::AccessDenied => lines.access_denied,
        AgentState::NoWorker | AgentState::Restarting => lines.crash,
        AgentState::Starting
        | AgentState::Polling
        | AgentState::WorkerKilled
        | AgentState::Stopping
        | AgentState::Missing
        | AgentState::Stopped => lines.polling,
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

/// Where it says the same of no route and of an unknown authority, it is the same line.
const SECOND: Lines = Lines {
    start: &[
        "  INFO Worker WORKER starting",
        "  INFO On Premises config file does not exist or not readable",
        "  INFO Resolved region: us-east-1",
        "  INFO Resolved host identifier: arn:aws:ec2:us-east-1:111122223333:instance/i-0a1b2c3d4e5f60718",
    ],
    polling: &[VERIFIED, POLLS, LOOP],
    poll_fails: &[
        VERIFIED,
        POLLS,
        LOOP,
        " ERROR Error polling for host commands: CodeDeploy command service error: HttpError: HTTP 500 \
         [type=InternalFailure]: {\"__type\":\"InternalFailure\"}",
    ],
    no_route: &[
        VERIFIED,
        POLLS,
        LOOP,
        " ERROR Error polling for host commands: CodeDeploy command service error: NetworkError: error sending request \
         for url (https://codedeploy-commands.us-east-1.amazonaws.com/)",
    ],
    tls_fails: &[UNVERIFIED],
    clock_skewed: &[
        VERIFIED,
        POLLS,
        LOOP,
        " ERROR Error polling for host commands: CodeDeploy command service error: HttpError: Signature expired: \
         20260101T000000Z is now earlier than 20260101T001500Z (20260101T002000Z - 5 min.)",
    ],
    access_denied: &[
        VERIFIED,
        POLLS,
        LOOP,
        " ERROR Error polling for host commands: CodeDeploy command service error: HttpError: not authorized",
    ],
    no_credentials: &[
        VERIFIED,
        " ERROR Worker failed to create CodeDeploy client: IMDS credentials unavailable: an error occurred while loading \
         credentials",
    ],
    crash: &[UNVERIFIED],
};

const VERIFIED: &str = "  INFO TLS verification passed for https://codedeploy-commands.us-east-1.amazonaws.com";
const POLLS: &str = "  INFO Worker WORKER entering polling loop";
const LOOP: &str = "  INFO Starting host command poll loop \
                    host_identifier=arn:aws:ec2:us-east-1:111122223333:instance/i-0a1b2c3d4e5f60718 \
                    poll_interval_ms=30000 max_concurrent=16";
const UNVERIFIED: &str = " ERROR SSL validation failed for endpoint \
                          https://codedeploy-commands.us-east-1.amazonaws.com: TLS connection to \
                          https://codedeploy-commands.us-east-1.amazonaws.com failed: error sending request for url \
                          (https://codedeploy-commands.us-east-1.amazonaws.com/)";
