//! Runs the document as the SSM Agent does (aws-facts 17): exit codes that end the command, parameters that an older
//! agent pastes, a time-out, a cancel, and a reboot.

use std::time::Duration;

use launchgate_tests::fleet::host::AgentState::{Missing, Polling};
use launchgate_tests::fleet::sandbox::Family::{Dpkg, Rpm};
use launchgate_tests::fleet::sandbox::Running;

use super::run::instance;
use crate::stand::threads::{a_few_at_once, at_once, until};
use crate::stand::{Instance, with_agent};

#[test]
fn the_exit_code_of_a_step_says_what_follows() {
    let ready = instance(Rpm, Polling).start_install(&[]).ends();
    assert_eq!(ready.iter().map(|run| (run.code, run.stderr.as_str())).collect::<Vec<_>>(), [(168, "")]);
    let held = instance(Rpm, Missing);
    let lock = held.sandbox.hold_package_lock().unwrap();
    let given_up = held.start_install(&[("waitSeconds", "0")]).ends();
    drop(lock);
    assert_eq!((given_up.len(), given_up[0].code), (1, 169));
    assert!(given_up[0].stderr.ends_with("failed to run commands: exit status 169"), "{given_up:?}");
    let failed = instance(Rpm, Missing).start_install(&[("waitSeconds", "0")]).ends();
    assert_eq!(failed.iter().map(|run| run.code).collect::<Vec<_>>(), [0, 1, 10]);
    assert!(failed[2].stderr.ends_with("failed to run commands: exit status 10"), "{failed:?}");
    assert!(failed[2].output().starts_with(r#"{"v":1,"ready":false,"#), "{failed:?}");
}

#[test]
fn parameters_that_an_older_agent_pastes_are_read() {
    let tools = concat!(env!("CARGO_MANIFEST_DIR"), "/../.local/tools/bin/busybox ash");
    at_once(&[("dash", Dpkg), ("bash", Rpm), (tools, Rpm)], |&(shell, family)| {
        let instance = instance(family, Missing);
        instance.distributor_knows_the_agent();
        let given = [("packages", "java-headless"), ("waitSeconds", "7")];
        instance.start_install_pasted(shell, &given).report().assert_ready(0);
        assert_eq!(instance.transactions(), ["0", "0"]);
        let ignored = instance.start_install_pasted(shell, &[("agent", "ignored")]).report();
        assert!(ignored.json.get("agent").is_none(), "{ignored:?}");
    });
}

/// A step that is out of time ends with KILL, and the next step begins; a cancel ends all. Neither keeps the turn.
#[test]
fn a_command_that_is_stopped_does_not_block_the_next() {
    let stops: [fn(&mut Running) -> std::io::Result<()>; 2] = [Running::time_out, Running::cancel];
    let cases: Vec<_> =
        [0, 50, 150, 400, 1200].into_iter().flat_map(|moment| stops.map(|stop| (moment, stop))).collect();
    a_few_at_once(&cases, |&(moment, stop)| {
        let instance = instance(Rpm, Missing);
        let held = instance.sandbox.hold_package_lock().unwrap();
        let mut stopped = instance.start_install(&[("waitSeconds", "5")]);
        std::thread::sleep(Duration::from_millis(moment));
        stop(&mut stopped.running).unwrap();
        assert_eq!(stopped.ends()[0].code, 137, "{moment}");
        held.release().unwrap();
        until(|| stopped.running.left().is_empty(), || format!("{moment} left {:?}", stopped.running.left()));
        instance.distributor_knows_the_agent();
        instance.install(&[("waitSeconds", "0")]).assert_ready(0);
    });
}

#[test]
fn what_a_step_has_told_before_a_cancel_is_kept() {
    let instance = instance(Rpm, Missing);
    let _held = instance.sandbox.hold_package_lock().unwrap();
    let mut steps = instance.start_install(&[]);
    steps.tells("waiting: ");
    steps.running.cancel().unwrap();
    let ends = steps.ends();
    assert_eq!((ends.len(), ends[0].code, ends[0].stdout.as_str()), (1, 137, ""));
    assert!(ends[0].stderr.contains("waiting: "), "{ends:?}");
}

/// /run is empty then; and if it were not, the process with the number of the old worker is another one.
#[test]
fn a_reboot_ends_the_command_and_its_turn() {
    for kept in [false, true] {
        let instance = instance(Rpm, Missing);
        let held = instance.sandbox.hold_package_lock().unwrap();
        let mut steps = instance.start_install(&[]);
        steps.tells("waiting: ");
        drop(held);
        instance.sandbox.reboot().unwrap();
        let run = steps.running.finish().unwrap();
        assert_eq!((run.code, run.stderr.as_str(), steps.running.left()), (1, "", vec![]), "{run:?}");
        if kept {
            instance.write("run/launchgate-install", &format!("{} 1 0\n", std::process::id()));
        }
        next_run_works(&instance);
    }
}

fn next_run_works(instance: &Instance) {
    instance.show(&with_agent(2, Missing));
    instance.distributor_knows_the_agent();
    instance.install(&[("waitSeconds", "0")]).assert_ready(0);
}
