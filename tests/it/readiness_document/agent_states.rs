//! Checks what the document says of each state of the agent.

use launchgate_tests::fleet::host::AgentState;
use launchgate_tests::fleet::sandbox::AgentSetting;

use super::run::instance;
use crate::stand::threads::at_once;
use crate::stand::with_agent;

#[test]
fn each_state_of_the_agent_has_its_code() {
    use AgentState::{
        AccessDenied, ClockSkewed, Missing, NoCredentials, NoRoute, NoWorker, PollFails, Restarting, Stopped, Stopping,
        TlsFails, WorkerKilled,
    };
    let cases = [
        (Missing, "agent-missing", "repairable", "missing", "0"),
        (Stopped, "agent-stopped", "repairable", "stopped", "0"),
        (Restarting, "agent-restarting", "transient", "restarting", "0"),
        (WorkerKilled, "agent-restarting", "transient", "restarting", "0"),
        (NoCredentials, "agent-no-credentials", "transient", "failing", "0"),
        (NoRoute, "agent-no-route", "transient", "failing", "0"),
        (ClockSkewed, "agent-clock-skewed", "transient", "failing", "0"),
        (AccessDenied, "agent-access-denied", "transient", "failing", "0"),
        (PollFails, "agent-not-polling", "transient", "failing", "0"),
    ];
    let first = [
        (NoWorker, "agent-restarting", "transient", "restarting", "0"),
        (NoWorker, "agent-no-worker", "repairable", "no-worker", "30"),
        (TlsFails, "agent-tls-failing", "transient", "failing", "0"),
    ];
    // Over TLS a worker of 2.x ends; a master has no worker only if its program was replaced (aws-facts 18).
    let second = [
        (NoWorker, "agent-no-worker", "repairable", "no-worker", "0"),
        (TlsFails, "agent-restarting", "transient", "restarting", "0"),
        (Stopping, "agent-stopping", "transient", "stopping", "0"),
    ];
    let both = [1, 2].map(|generation| cases.map(|case| (generation, case))).concat();
    let all = [both, first.map(|case| (1, case)).into(), second.map(|case| (2, case)).into()].concat();
    at_once(&all, |&(generation, (state, code, class, word, wait))| {
        let instance = instance(&with_agent(generation, Missing));
        // A killed worker must not be back before it was looked for.
        instance.sandbox.set_agent(AgentSetting { pace_percent: 800, ..AgentSetting::default() });
        instance.show(&with_agent(generation, state));
        let report = instance.readiness(&[("waitSeconds", wait), ("repair", "offered")]);
        assert_eq!(report.codes(), [code], "{generation} {state:?} {report:?}");
        assert_eq!(report.json["findings"][0]["class"], class);
        assert_eq!((report.json["findings"][0]["check"].as_str(), report.run.code), (Some("agent"), 10));
        assert_eq!(report.json["agent"]["state"], word);
        assert_eq!(report.json["agent"].get("generation").is_none(), state == Missing);
        assert!(report.waited() < 30, "{report:?}");
    });
}
