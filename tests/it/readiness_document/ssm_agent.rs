//! Runs the document as the SSM Agent does (aws-facts 17): what the script finds around it, parameters that an older
//! agent pastes, a time-out, a cancel, a reboot, five runs at once, and the part of the output that SSM keeps.

use std::time::Duration;

use launchgate_tests::fleet::host::{AgentState, Boot, Host, Metadata};
use launchgate_tests::fleet::sandbox::{Running, SsmCommand, Step};

use super::run::{instance, parameters, script, shells};
use super::waiting::listing;
use crate::stand::threads::{a_few_at_once, at_once, until};
use crate::stand::{Instance, Report, with_agent};

#[test]
fn a_script_finds_what_the_ssm_agent_gives_it() {
    const LOOK: &str = "#!/bin/sh
        pwd; umask; readlink /proc/$$/fd/0; ps -o pgid= -p $$; ps -o args= -p $(ps -o ppid= -p $$)
        echo \"${HOME-no home} ${USER-no user} $PATH\"; env | cut -d = -f 1 | grep -e SSM | sort | tr '\\n' ' '\n";
    at_once(&shells(), |shell| {
        let instance = instance(&Host::healthy(2));
        let values = [("url".to_owned(), "a b".to_owned())].into();
        let mut running = instance.sandbox.start(shell, LOOK, &values).unwrap();
        let run = running.finish().unwrap();
        let lines: Vec<&str> = run.stdout.lines().map(str::trim).collect();
        assert_eq!((&lines[..3], lines[3]), (&["/usr/bin", "0022", "/dev/null"][..], &*running.group().to_string()));
        assert!(lines[4].starts_with("sh -c /") || lines[4].starts_with("/usr/bin/ssm-document-worker "), "{run:?}");
        assert!(lines[5].starts_with("no home no user /"), "{run:?}");
        assert!(lines[5].ends_with("/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), "{run:?}");
        let names = "AWS_SSM_INSTANCE_ID AWS_SSM_PLATFORM_NAME AWS_SSM_PLATFORM_VERSION AWS_SSM_REGION_NAME \
                     SSM_COMMAND_ID SSM_url";
        assert_eq!(lines[6], names, "{run:?}");
    });
}

#[test]
fn parameters_that_an_older_agent_pastes_are_read() {
    at_once(&shells(), |shell| {
        let host = Host { units: ["web".to_owned()].into(), ..Host::healthy(1) };
        let values = parameters(&[("units", "web db"), ("url", "http://127.0.0.1:9/a?b=c&d=%20")]);
        let steps = vec![Step::Script(script())];
        let command = SsmCommand { shell, steps, parameters: &values, pastes: true };
        let report = Report::of(instance(&host).sandbox.start_command(&command).unwrap().finish().unwrap());
        assert_eq!(report.codes(), ["unit-not-active", "url-failing"], "{report:?}");
        assert_eq!(report.detail(), "not active: db");
    });
}

#[test]
fn the_report_is_whole_in_what_ssm_keeps() {
    let host = Host {
        boot: Boot::UserDataFailed,
        metadata: Metadata::Disabled,
        disk_full: true,
        ..with_agent(1, AgentState::PollFails)
    };
    let instance = instance(&host);
    instance.write("var/log/cloud-init-output.log", &"a long line of user data\n".repeat(400));
    let names = (0..16).map(|n| format!("{n:->63}")).collect::<Vec<_>>().join(" ");
    let report = instance.readiness(&[("units", &names), ("commands", &names), ("ports", "1 2")]);
    assert!(report.run.stderr.len() > 1_215, "{report:?}");
    let kept = report.run.told().output();
    assert_eq!(kept.len(), 2_500);
    assert_eq!(kept.lines().next(), report.run.stdout.lines().next());
}

#[test]
fn what_was_printed_before_a_time_out_is_kept() {
    at_once(&shells(), |shell| {
        let text = "#!/bin/sh\ntrap 'echo trapped' TERM INT HUP EXIT\necho before\nsleep 600\necho after\n";
        let instance = instance(&Host::healthy(2));
        let mut running = instance.sandbox.start(shell, text, &parameters(&[])).unwrap();
        until(|| running.so_far()[0].stdout == "before\n", || "it does not begin".to_owned());
        running.time_out().unwrap();
        let run = running.finish().unwrap();
        assert_eq!((run.code, &*run.stdout), (137, "before\n"));
    });
}

/// KILL reaches the process group only, so what the script put into another group must end by itself.
#[test]
fn a_run_that_is_killed_leaves_nothing_behind() {
    let shells = shells();
    let stops: [fn(&mut Running) -> std::io::Result<()>; 2] = [Running::time_out, Running::cancel];
    let moments = [0, 60, 200, 600, 1500];
    let cases: Vec<_> = shells
        .iter()
        .flat_map(|shell| moments.map(|moment| (shell, moment, stops[usize::from(moment > 100)])))
        .collect();
    a_few_at_once(&cases, |(shell, moment, stop)| {
        let instance = instance(&Host { boot: Boot::Running, ..Host::healthy(2) });
        let before = listing(&instance.sandbox.root());
        let mut running = instance.start_readiness(shell, &[("waitSeconds", "60"), ("units", "web")]);
        std::thread::sleep(Duration::from_millis(*moment));
        stop(&mut running).unwrap();
        let run = running.finish().unwrap();
        assert_eq!((run.code, run.stdout.as_str()), (137, ""), "{shell} {moment} {run:?}");
        until(|| running.left().is_empty(), || format!("{shell} {moment} left {:?}", running.left()));
        assert_eq!(listing(&instance.sandbox.root()), before);
    });
}

#[test]
fn after_a_reboot_the_run_has_failed_and_the_next_one_works() {
    let host = Host { boot: Boot::Running, ..Host::healthy(2) };
    let instance = instance(&host);
    let mut running = instance.start_readiness("sh", &[("waitSeconds", "60")]);
    instance.sandbox.reboot().unwrap();
    let run = running.finish().unwrap();
    assert_eq!((run.code, run.stderr.as_str(), running.left()), (1, "", vec![]), "{run:?}");
    instance.show(&Host::healthy(2));
    assert_eq!(instance.readiness(&[]).run.code, 0);
}

/// The SSM Agent runs five commands at once, and begins the sixth when one has ended.
#[test]
fn five_runs_at_once_and_a_sixth_after_one_of_them_are_right() {
    let instance = instance(&Host { boot: Boot::Running, ..Host::healthy(2) });
    let start = |instance: &Instance, wait: &str| instance.start_readiness("sh", &[("waitSeconds", wait)]);
    let mut first = start(&instance, "0");
    let mut others = [(); 4].map(|()| start(&instance, "60"));
    assert_eq!(Report::of(first.finish().unwrap()).codes(), ["boot-running"]);
    let mut sixth = start(&instance, "60");
    instance.show(&Host::healthy(2));
    for running in others.iter_mut().chain([&mut sixth]) {
        let report = Report::of(running.finish().unwrap());
        assert_eq!((report.run.code, report.codes()), (0, vec![]), "{report:?}");
    }
}
