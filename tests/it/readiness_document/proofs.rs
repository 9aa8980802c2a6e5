//! Tests that a look says no more than it knows: fatal only on proof, and ready only what stays so.

use std::fs;

use launchgate_tests::fleet::host::{AgentState, Boot, Host};
use launchgate_tests::fleet::sandbox::Running;

use super::run::{instance, parameters, script, web};
use crate::stand::threads::at_once;
use crate::stand::{Instance, Report, with_agent};

/// A run for which the metadata service is elsewhere.
fn start_at(instance: &Instance, port: u16) -> Running {
    let script = format!("LAUNCHGATE_METADATA=http://127.0.0.1:{port}\n{}", script());
    instance.sandbox.start("sh", &script, &parameters(&[("agent", "ignored")])).unwrap()
}

#[test]
fn metadata_that_refuses_the_token_only_is_not_switched_off() {
    let cases: [(&'static [u16], &str, &str); 3] = [
        (&[403, 200], "metadata-no-token", "transient"),
        (&[403, 401], "metadata-no-token", "transient"),
        (&[403, 403], "metadata-disabled", "fatal"),
    ];
    at_once(&cases, |&(answers, code, class)| {
        // The service answers each look alike.
        let answers: &'static [u16] = Box::leak(answers.repeat(12).into_boxed_slice());
        let (port, _asked) = web(answers);
        let report = Report::of(start_at(&instance(&Host::healthy(2)), port).finish().unwrap());
        assert_eq!(report.classes(), [(code, class)], "{report:?}");
    });
}

/// A curl that answers this request once otherwise.
fn lie_once(instance: &Instance, request: &str, instead: &str) {
    let curl = format!(
        "#!/bin/sh\ncase $* in *'{request}')\n\
         [ -e \"$LAUNCHGATE_ROOT/lied\" ] || {{ : >\"$LAUNCHGATE_ROOT/lied\"; {instead} ; }} ;;\nesac\n\
         exec /usr/bin/curl \"$@\"\n"
    );
    instance.command("curl", &curl);
}

#[test]
fn one_answer_that_there_is_no_role_proves_nothing() {
    let instance = instance(&Host::healthy(2));
    lie_once(
        &instance,
        "/latest/meta-data/iam/security-credentials/",
        "printf 'HTTP/1.1 404 Not Found\\r\\n\\r\\n\\n404 0.001 0.001'; exit 0",
    );
    assert_eq!(instance.readiness(&[]).run.code, 0);
    assert!(instance.sandbox.root().join("lied").exists());
}

#[test]
fn the_last_stage_of_boot_that_failed_or_never_starts_is_told_and_can_be_waived() {
    let units = [
        ("ActiveState=failed\n", "has failed"),
        ("LoadState=masked\nActiveState=inactive\n", "masked"),
        ("ActiveState=inactive\n", "nothing will start it"),
    ];
    at_once(&units, |(unit, words)| {
        let instance = instance(&Host { boot: Boot::Running, ..Host::healthy(2) });
        instance.sandbox.set_service("cloud-final", unit).unwrap();
        let report = instance.readiness(&[]);
        assert_eq!(report.classes(), [("boot-failed", "fatal")], "{report:?}");
        assert!(report.detail().contains(words), "{report:?}");
        assert_eq!(instance.readiness(&[("userData", "ignored")]).run.code, 0);
    });
}

#[test]
fn a_last_stage_that_waits_for_its_turn_still_boots() {
    let instance = instance(&Host { boot: Boot::Running, ..Host::healthy(2) });
    for unit in
        ["ActiveState=inactive\nJob=77\n", "ActiveState=activating\n", "LoadState=not-found\nActiveState=inactive\n"]
    {
        instance.sandbox.set_service("cloud-final", unit).unwrap();
        assert_eq!(instance.readiness(&[]).classes(), [("boot-running", "transient")], "{unit}");
    }
}

/// The microseconds since boot of so many seconds ago.
fn entered(seconds: f64) -> String {
    let uptime = fs::read_to_string("/proc/uptime").unwrap();
    let now: f64 = uptime.split_whitespace().next().unwrap().parse().unwrap();
    format!("ActiveEnterTimestampMonotonic={:.0}\n", (now - seconds).max(0.001) * 1e6)
}

#[test]
fn a_unit_that_is_active_between_two_crashes_is_not_active() {
    let cases = [
        ("NRestarts=7\n", 1.0, 10),
        ("NRestarts=7\n", 60.0, 0),
        ("NRestarts=0\n", 1.0, 10),
        ("NRestarts=0\n", 8.0, 0),
        ("NRestarts=\n", 60.0, 0),
    ];
    at_once(&cases, |&(restarts, seconds, code)| {
        let instance = instance(&Host { units: ["web".to_owned()].into(), ..Host::healthy(2) });
        instance.sandbox.set_service("web", &format!("{restarts}{}", entered(seconds))).unwrap();
        let report = instance.readiness(&[("units", "web")]);
        assert_eq!(report.run.code, code, "{restarts}{seconds} {report:?}");
        assert!(code == 0 || report.classes() == [("unit-not-active", "transient")], "{report:?}");
    });
}

#[test]
fn a_file_system_without_inodes_is_full() {
    let instance = instance(&Host::healthy(2));
    let df = "#!/bin/sh\necho 'Filesystem Inodes IUsed IFree IUse% Mounted on'\n\
              case $1 in -Pi) echo '/dev/xvda1 65536 65536 0 100% /' ;; *) echo '/dev/xvda1 9999999 9 9999990 1% /' ;; esac\n";
    instance.command("df", df);
    let report = instance.readiness(&[]);
    assert_eq!(report.details(), [("disk-full", "0 inodes free for /opt/codedeploy-agent/deployment-root, on /")]);
    instance.command("df", &df.replace("65536 65536 0 100%", "0 0 0 -"));
    assert_eq!(instance.readiness(&[]).run.code, 0, "btrfs counts none");
}

/// As a container's port that the kernel forwards: nothing listens on it, and a connection succeeds.
#[test]
fn a_port_that_is_forwarded_is_open() {
    let (port, _asked) = web(&[200]);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let instance = instance(&Host::healthy(2));
    let to = |from: u16| format!("s#http://127.0.0.1:{from}/#http://127.0.0.1:{port}/#");
    let curl = format!(
        "#!/bin/bash\nfor word; do words+=(\"$(printf '%s' \"$word\" | sed '{}')\"); done\nexec /usr/bin/curl \"${{words[@]}}\"\n",
        to(closed)
    );
    instance.command("curl", &curl);
    assert_eq!(instance.readiness(&[("ports", &closed.to_string())]).codes(), [""; 0]);
}

/// sdkman, asdf and the like change the path in a profile of root.
#[test]
fn a_command_may_be_on_the_path_of_a_login() {
    let instance = instance(&Host::healthy(2));
    instance.write("opt/java/bin/java-of-the-profile", "");
    let program = instance.sandbox.root().join("opt/java/bin/java-of-the-profile");
    assert!(std::process::Command::new("chmod").arg("755").arg(&program).status().unwrap().success());
    let given = [("commands", "java-of-the-profile sh")];
    assert_eq!(instance.readiness(&given).codes(), ["command-missing"]);
    instance.write("root/.bash_profile", &format!("PATH=$PATH:{}\n", program.parent().unwrap().display()));
    assert_eq!(instance.readiness(&given).codes(), [""; 0]);
}

#[test]
fn a_missing_client_of_http_is_told() {
    let instance = instance(&with_agent(2, AgentState::Stopped));
    instance.sandbox.remove_command("curl").unwrap();
    instance
        .command("wget", "#!/bin/sh\necho 'wget: error while loading shared libraries: libssl.so.3' >&2\nexit 127\n");
    assert_eq!(instance.readiness(&[]).classes()[0], ("http-client-failing", "transient"));
    instance.sandbox.remove_command("wget").unwrap();
    assert_eq!(instance.readiness(&[]).classes()[0], ("http-client-missing", "transient"));
}
