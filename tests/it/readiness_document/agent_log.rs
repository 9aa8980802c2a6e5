//! Tests what the agent's log proves, whatever its zone, its file and its order, and what the agent's polls prove.

use launchgate_tests::fleet::host::{AgentState, Credentials, Host, Network};
use launchgate_tests::fleet::sandbox::AgentSetting;

use super::run::instance;
use crate::stand::threads::at_once;
use crate::stand::{Instance, Report, with_agent};

const LOG: &str = "var/log/aws/codedeploy-agent/codedeploy-agent.log";

fn set_up(host: &Host, setting: AgentSetting) -> Instance {
    let state = with_agent(host.agent.generation, AgentState::Missing);
    let instance = instance(&Host { agent: state.agent, ..host.clone() });
    instance.sandbox.set_agent(setting);
    instance.show(host);
    instance
}

fn with_log(generation: u8, lines: &[&str]) -> Instance {
    let more_log = lines.iter().map(|&line| line.to_owned()).collect();
    set_up(&Host::healthy(generation), AgentSetting { more_log, ..AgentSetting::default() })
}

fn in_zone(zone: &str) -> AgentSetting {
    AgentSetting { environment: [("TZ".to_owned(), zone.to_owned())].into(), ..AgentSetting::default() }
}

#[test]
fn the_zone_of_the_agent_does_not_matter() {
    let zones = ["UTC", "Asia/Seoul", "America/Los_Angeles"];
    at_once(&zones, |zone| {
        let refused = set_up(&with_agent(1, AgentState::AccessDenied), in_zone(zone));
        assert_eq!(refused.readiness(&[]).codes(), ["agent-access-denied"], "{zone}");
        assert_eq!(set_up(&Host::healthy(1), in_zone(zone)).readiness(&[]).run.code, 0, "{zone}");
    });
}

#[test]
fn a_refusal_of_yesterday_counts_until_a_poll_succeeds() {
    at_once(&[1, 2], |&generation| {
        let instance = instance(&with_agent(generation, AgentState::AccessDenied));
        instance.sandbox.rotate_agent_log("20261124").unwrap();
        assert_eq!(instance.readiness(&[]).codes(), ["agent-access-denied"]);
    });
}

#[test]
fn a_first_generation_that_does_not_poll_is_not_ready() {
    let silent = set_up(&Host::healthy(1), AgentSetting { log_age: 190, ..AgentSetting::default() });
    let report = silent.readiness(&[]);
    assert_eq!(report.classes(), [("agent-not-polling", "transient")]);
    let lately = set_up(&Host::healthy(1), AgentSetting { log_age: 70, ..AgentSetting::default() });
    assert_eq!(lately.readiness(&[]).run.code, 0);
    // One that pauses for longer by its settings polls less often.
    silent.write("etc/codedeploy-agent/conf/codedeployagent.yml", ":wait_between_runs: 150\n");
    assert_eq!(silent.readiness(&[]).run.code, 0);
}

#[test]
fn lines_that_say_nothing_about_polls_are_no_finding() {
    let lines = [
        (
            1,
            " ERROR [codedeploy-agent(WORKER)]: InstanceAgent::Plugins::CodeDeployPlugin::CommandPoller: Error during \
             perform: InstanceAgent::Plugins::CodeDeployPlugin::ScriptError - Script at specified location: x failed",
        ),
        (2, "  WARN Credential refresh failed, using existing: IMDS credentials unavailable: timed out"),
    ];
    at_once(&lines, |&(generation, line)| {
        let report = with_log(generation, &[line]).readiness(&[]);
        assert_eq!(report.codes(), [""; 0], "{report:?}");
    });
}

#[test]
fn lines_that_run_together_are_lines() {
    let instance = instance(&with_agent(1, AgentState::AccessDenied));
    let log = instance.read(LOG);
    let together = log.lines().collect::<String>();
    instance.write(LOG, &(together + "\n"));
    assert_eq!(instance.readiness(&[]).codes(), ["agent-access-denied"]);
}

/// The agent has just reached AWS, with its role and its clock; only S3 is asked.
#[test]
fn polls_that_succeed_outrank_what_a_shell_finds() {
    let healthy = Host::healthy(1);
    let hosts = [
        Host { credentials: Credentials::Missing, ..healthy.clone() },
        Host { credentials: Credentials::Refused, ..healthy.clone() },
        Host { clock_ahead: 600, ..healthy.clone() },
    ];
    at_once(&hosts, |host| assert_eq!(instance(host).readiness(&[]).codes(), [""; 0], "{host:?}"));
    let report = instance(&Host { network: Network::NoName, ..healthy }).readiness(&[]);
    assert_eq!(report.details(), [("network-no-name", "does not resolve: s3.us-east-1.invalid")]);
}

/// A proxy that is not there.
const DEAD: &str = "http://127.0.0.1:1";

#[test]
fn the_proxy_is_that_of_the_agent_and_not_of_the_ssm_agent() {
    at_once(&[1, 2], |&generation| {
        let instance = instance(&Host::healthy(generation));
        let script = format!("export https_proxy={DEAD} HTTPS_PROXY={DEAD}\n{}", super::run::script());
        let run = |instance: &Instance| {
            let parameters = super::run::parameters(&[]);
            Report::of(instance.sandbox.start("sh", &script, &parameters).unwrap().finish().unwrap())
        };
        assert_eq!(run(&instance).run.code, 0, "the SSM Agent's");
        let environment = [("https_proxy".to_owned(), DEAD.to_owned())].into();
        let proxied = set_up(&Host::healthy(2), AgentSetting { environment, ..AgentSetting::default() });
        assert_eq!(proxied.readiness(&[]).codes(), ["network-no-route"], "the agent's");
        let profiled = set_up(&with_agent(generation, AgentState::Stopped), AgentSetting::default());
        profiled.write("etc/profile", &format!("https_proxy={DEAD}\n"));
        assert_eq!(profiled.readiness(&[]).codes(), ["network-no-route", "agent-stopped"], "its unit's");
    });
}

#[test]
fn the_agent_is_found_under_a_bash_and_another_name() {
    let settings = [
        AgentSetting { bash_stays: true, ..AgentSetting::default() },
        AgentSetting { program_name: "deployer".to_owned(), ..AgentSetting::default() },
    ];
    at_once(&settings, |setting| {
        let instance = set_up(&Host::healthy(2), setting.clone());
        assert_eq!(instance.readiness(&[]).run.code, 0, "{setting:?}");
        let pid_file = instance.sandbox.root().join("opt/codedeploy-agent/state/.pid/codedeploy-agent.pid");
        std::fs::remove_file(pid_file).unwrap();
        assert_eq!(instance.readiness(&[]).run.code, 0, "without the pid file: {setting:?}");
    });
}

#[test]
fn settings_may_be_written_on_windows_and_be_null() {
    let instance = instance(&Host::healthy(2));
    let config = "etc/codedeploy-agent/conf/codedeployagent.yml";
    let shipped = instance.read(config);
    for empty in ["~", "null", ""] {
        let text = shipped.replace(":proxy_uri:\n", &format!(":proxy_uri: {empty}\n"));
        instance.write(config, &text.replace('\n', "\r\n"));
        assert_eq!(instance.readiness(&[]).codes(), [""; 0], "{empty}");
    }
}
