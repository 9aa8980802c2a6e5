//! With the agent last: it, and what the revision brings, is a finding only if nothing before is wrong.

use launchgate_tests::fleet::host::{AgentState, Boot, Host};
use serde_json::json;

use super::run::instance;
use crate::stand::threads::{at_once, until};
use crate::stand::{Report, with_agent};

const LAST: (&str, &str) = ("agent", "last");

#[test]
fn an_agent_that_starts_last_is_a_finding_only_if_there_is_no_other() {
    let stopped = || with_agent(2, AgentState::Stopped);
    let cases = [
        (stopped(), vec![], vec!["agent-stopped"], false),
        (with_agent(1, AgentState::Missing), vec![], vec!["agent-missing"], false),
        (Host { boot: Boot::Running, ..stopped() }, vec![], vec!["boot-running"], false),
        (Host { boot: Boot::Running, ..Host::healthy(1) }, vec![], vec!["boot-running"], true),
        (Host { disk_full: true, ..Host::healthy(2) }, vec![], vec!["disk-full"], true),
        (stopped(), vec![("commands", "no-such-command")], vec!["command-missing"], false),
        (
            stopped(),
            vec![("units", "db"), ("ports", "1"), ("url", "http://localhost:1/")],
            vec!["agent-stopped"],
            false,
        ),
        (Host::healthy(2), vec![("units", "db")], vec!["unit-not-active"], false),
        (Host::healthy(1), vec![], vec![], false),
    ];
    at_once(&cases, |(host, checks, codes, early)| {
        let report = instance(host).readiness(&[&[LAST], checks.as_slice()].concat());
        assert_eq!((report.codes(), report.json["agent_early"] == true), (codes.clone(), *early), "{report:?}");
        let judged =
            codes.is_empty() || ["agent", "units"].contains(&report.json["findings"][0]["check"].as_str().unwrap());
        assert_eq!(report.json.get("agent").is_some(), judged, "{report:?}");
    });
}

/// A run that waits says it too, although all is well at its end.
#[test]
fn an_agent_that_ran_before_its_turn_is_told_at_the_end_of_the_run() {
    let instance = instance(&Host { boot: Boot::Running, ..Host::healthy(2) });
    let looked = instance.path("looked");
    instance.write("etc/profile", &format!(": >'{}'\n", looked.display()));
    let given = [LAST, ("waitSeconds", "30"), ("repair", "offered"), ("commands", "late")];
    let mut running = instance.start_readiness("sh", &given);
    until(|| looked.exists(), || "nobody read the profile".to_owned());
    instance.show(&Host { commands: ["late".to_owned()].into(), ..Host::healthy(2) });
    let report = Report::of(running.finish().unwrap());
    assert_eq!((report.run.code, &report.json["agent_early"]), (0, &json!(true)), "{report:?}");
    assert_eq!(report.json["agent"]["state"], "running");
}
