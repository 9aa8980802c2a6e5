//! What the architecture forbids.

mod circles;
mod citations;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use launchgate_tests::stack::repository;
use regex::Regex;
use serde_json::Value;

/// Every Rust file below a folder.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![repository().join(folder).canonicalize().unwrap()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

fn is_test(path: &Path) -> bool {
    let name = path.strip_prefix(repository().canonicalize().unwrap()).unwrap().to_string_lossy().into_owned();
    ["/tests/", "/tests.rs", "/laws.rs", "/table.rs", "/fixtures.rs"].iter().any(|part| name.contains(part))
}

/// The lines of a folder's code, without tests and comments, that match.
fn lines_with(folder: &str, pattern: &str) -> Vec<String> {
    let pattern = Regex::new(pattern).unwrap();
    let mut found = Vec::new();
    for path in files(folder).into_iter().filter(|path| !is_test(path)) {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//") && pattern.is_match(line));
        found.extend(lines.map(|line| format!("{}: {}", path.display(), line.trim())));
    }
    found
}

/// The crates that a package links, as `cargo tree` resolves them.
fn linked(package: &str) -> BTreeSet<String> {
    let cargo = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{lib}"])
        .args(["--package", package])
        .current_dir(repository())
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    String::from_utf8(cargo.stdout).unwrap().lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn direct_dependencies(package: &str) -> BTreeSet<String> {
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--locked", "--no-deps", "--format-version", "1"])
        .current_dir(repository())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&cargo.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let own = packages.iter().find(|found| found["name"] == package).unwrap();
    let normal = own["dependencies"].as_array().unwrap().iter().filter(|dependency| dependency["kind"].is_null());
    normal.map(|dependency| dependency["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_core_cannot_reach_the_world() {
    let closed = ["serde", "serde_json", "thiserror", "time"].map(str::to_owned);
    assert_eq!(direct_dependencies("launchgate-lifecycle"), closed.into());
    let world = |name: &&String| {
        name.starts_with("aws") || ["tokio", "hyper", "rand", "libc", "mio", "socket2"].contains(&name.as_str())
    };
    let linked = linked("launchgate-lifecycle");
    assert!(linked.contains("time"), "{linked:?}");
    assert_eq!(linked.iter().find(world), None);
}

#[test]
fn the_core_has_no_clock_no_environment_and_nothing_async() {
    let forbidden =
        r"\basync\b|SystemTime|Instant::now|now_utc|std::(env|fs|net|process|thread)\b|println!|unsafe|static mut";
    assert_eq!(lines_with("shared/lifecycle/src", forbidden), Vec::<String>::new());
}

/// The calls of AWS that change something, as methods of the SDK.
const WRITES: &str = r"\.(send_command|complete_lifecycle_action|record_lifecycle_action_heartbeat|stop_deployment|[a-z]+_processes)\(\)";
/// The calls of AWS that only read.
const READS: &str = r"\.(describe|list|get|batch_get)_[a-z_]+\(\)";

#[test]
fn only_act_changes_aws() {
    let lines = lines_with("functions/launch-gate/src", WRITES);
    assert_eq!(lines.len(), 5, "{lines:#?}");
    assert!(lines.iter().all(|line| line.contains("/src/act/")), "{lines:#?}");
    assert_eq!(lines_with("shared", WRITES), Vec::<String>::new());
    // Whoever asks validate-service needs a run, so it starts one; it changes nothing else.
    let lines = lines_with("functions/validate-service/src", WRITES);
    assert!(lines.len() == 1 && lines[0].contains("/readiness_run.rs: "), "{lines:#?}");
}

#[test]
fn act_reads_nothing_of_aws() {
    let lines = lines_with("functions/launch-gate/src", READS);
    assert!(lines.len() > 8, "{lines:#?}");
    let reading = |line: &String| line.contains("/src/observe/") || line.contains("/src/evidence/");
    assert!(lines.iter().all(reading), "{lines:#?}");
}

#[test]
fn only_the_process_touches_clock_environment_and_standard_output() {
    let outer = r"std::env|SystemTime|Instant::now|env::var|stdout\(\)";
    assert!(!lines_with("shared/runtime/src", outer).is_empty(), "the pattern finds nothing any more");
    for folder in ["shared", "functions"] {
        let lines = lines_with(folder, outer);
        let allowed =
            |line: &String| line.contains("/shared/runtime/src/process.rs: ") || line.contains("/src/main.rs: ");
        assert!(lines.iter().all(allowed), "{lines:#?}");
    }
}

#[test]
fn imports_between_crates_run_one_way() {
    let own = |package: &str| -> BTreeSet<String> {
        let functions = ["launch-gate", "traffic-hook", "validate-service"];
        let is_own = |name: &String| name.starts_with("launchgate") || functions.contains(&name.as_str());
        direct_dependencies(package).into_iter().filter(is_own).collect()
    };
    assert!(own("launch-gate").contains("launchgate-runtime"));
    assert_eq!(own("launchgate-lifecycle"), BTreeSet::new());
    assert_eq!(own("launchgate-runtime"), BTreeSet::from(["launchgate-lifecycle".to_owned()]));
}

#[test]
fn no_source_file_has_more_than_250_lines() {
    let long = ["functions", "shared", "tests"].into_iter().flat_map(files).filter(|path| {
        let own = !path.components().any(|part| ["target", ".venv"].contains(&&*part.as_os_str().to_string_lossy()));
        own && fs::read_to_string(path).unwrap().lines().count() > 250
    });
    assert_eq!(long.collect::<Vec<_>>(), Vec::<PathBuf>::new());
}

/// One call of the SDK, which alone tries again. A loop around it could send two answers.
#[test]
fn the_answer_of_a_traffic_hook_is_sent_from_one_place_and_without_a_loop() {
    let sends = lines_with("functions/traffic-hook/src", r"put_lifecycle_event_hook_execution_status\(");
    assert!(sends.len() == 1 && sends[0].contains("/src/answer.rs"), "{sends:#?}");
    let calls = lines_with("functions/traffic-hook/src", r"\bput_answer\(");
    assert_eq!(calls.len(), 2, "its definition and its use: {calls:#?}");
    let loops = lines_with("functions/traffic-hook/src", r"^\s*(loop|while|for)\b");
    assert!(
        loops.iter().all(|line| !line.contains("/src/answer.rs") && !line.contains("/src/handler.rs")),
        "{loops:#?}"
    );
}

/// The gate waits in its queue. Only where the queue is busy, it lets messages come together for a second. Who asks the
/// other two stands and waits for the answer, so these may wait as well.
#[test]
fn the_gate_does_not_sleep() {
    let sleeps = r"\bsleep\(";
    assert_eq!(lines_with("shared", sleeps), Vec::<String>::new());
    let gathers = ["functions/launch-gate/src/gather.rs: sleep(GATHER_FOR).await;"];
    let sleeps = lines_with("functions/launch-gate/src", sleeps);
    assert!(sleeps.len() == 1 && sleeps[0].ends_with(gathers[0]), "{sleeps:?}");
}

/// aws-lc seeds its entropy for 54 ms of CPU at the first TLS call, and a second TLS stack is only weight.
#[test]
fn the_functions_link_one_tls_and_it_is_ring() {
    for function in ["launch-gate", "traffic-hook", "validate-service"] {
        let linked = linked(function);
        assert!(linked.contains("ring"), "{linked:?}");
        for heavy in ["aws_lc_sys", "aws_lc_rs", "openssl", "native_tls", "aws_sdk_ec2", "aws_sdk_sso"] {
            assert!(!linked.contains(heavy), "{function}: {heavy}");
        }
    }
}

/// A path of one machine in the repository would be wrong on every other.
#[test]
fn no_file_names_a_path_of_the_machine_it_was_written_on() {
    let git = Command::new("git").args(["grep", "-lE", "/(home|root|Users)/[a-z]"]).current_dir(repository()).output();
    let found = String::from_utf8(git.unwrap().stdout).unwrap();
    let others = found.lines().filter(|path| *path != "tests/it/tidy.rs");
    assert_eq!(others.collect::<Vec<_>>(), Vec::<&str>::new());
}
