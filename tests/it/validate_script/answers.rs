//! Runs the script in every shell with stand-ins for the AWS CLI, the clock and `sleep`: no second passes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use launchgate_tests::stack::repository;
use serde_json::Value;
use tempfile::TempDir;

use crate::shells::shells;

/// What it answers stands in `1`, `2`, … and in the last of them for good. A file `N.trouble` is an error of the CLI.
const AWS: &str = r#"#!/bin/sh
cd "$STAND" || exit 1
[ "$1" = sts ] && { echo AROAEXAMPLE:i-0123456789abcdef0; exit; }
asked=$(($(cat asked) + 1))
echo "$asked" >asked
for word; do last=$word; case $word in fileb://*) cat "${word#fileb://}" >"request.$asked" ;; esac; done
while [ ! -e "$asked" ] && [ ! -e "$asked.trouble" ]; do asked=$((asked - 1)); done
[ ! -e "$asked.trouble" ] || { cat "$asked.trouble" >&2; exit 254; }
cat "$asked" >"$last"
case $(cat "$asked") in *errorMessage*) echo Unhandled ;; *) echo None ;; esac
"#;
const DATE: &str = "#!/bin/sh\ncat \"$STAND/now\"\n";
const SLEEP: &str = "#!/bin/sh\necho $(($(cat \"$STAND/now\") + $1)) >\"$STAND/now\"\n";

struct Told {
    code: i32,
    out: String,
    seconds: u32,
    requests: Vec<Value>,
}

/// Runs the script against these answers.
fn run(shell: &str, answers: &[&str]) -> Told {
    let stand = TempDir::new().unwrap();
    let write = |name: &str, text: &str| fs::write(stand.path().join(name), text).unwrap();
    for (name, text) in [("aws", AWS), ("date", DATE), ("sleep", SLEEP)] {
        write(name, text);
        fs::set_permissions(stand.path().join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    write("now", "1000");
    write("asked", "0");
    for (answer, number) in answers.iter().zip(1..) {
        let trouble = if answer.starts_with('{') { "" } else { ".trouble" };
        write(&format!("{number}{trouble}"), answer);
    }
    let script = repository().join("examples/app/scripts/validate_service.sh");
    let words: Vec<&str> = shell.split(' ').collect();
    let path = format!("{}:{}", stand.path().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).arg(script).env("PATH", path).env("STAND", stand.path());
    let ended = command.env("DEPLOYMENT_ID", "d-1").env("LIFECYCLE_EVENT", "ValidateService").output().unwrap();
    let read = |name: &str| fs::read_to_string(stand.path().join(name)).unwrap();
    let asked: u32 = read("asked").trim().parse().unwrap();
    let requests = (1..=asked).map(|number| serde_json::from_str(&read(&format!("request.{number}"))).unwrap());
    Told {
        code: ended.status.code().unwrap(),
        out: String::from_utf8([ended.stdout, ended.stderr].concat()).unwrap(),
        seconds: read("now").trim().parse::<u32>().unwrap() - 1000,
        requests: requests.collect(),
    }
}

const STARTED: &str = r#"{"verdict":"pending","reasons":["the run 1 was started"]}"#;
const RUNS: &str = r#"{"verdict":"pending","reasons":["the run 1 is in progress"]}"#;
const HEALTHY: &str = r#"{"verdict":"healthy","reasons":[],"report":{"v":1,"ready":true,"findings":[]}}"#;
const UNHEALTHY: &str = r#"{"verdict":"unhealthy","reasons":["port-closed: \"web\" on 8080","url-failing: 503"],"report":{"v":1,"ready":false}}"#;
const BUSY: &str = "An error occurred (TooManyRequestsException) when calling the Invoke operation: Rate Exceeded.";

#[test]
fn it_asks_again_every_five_seconds_while_the_answer_is_pending() {
    for shell in shells() {
        let told = run(&shell, &[STARTED, RUNS, RUNS, HEALTHY]);
        let progress = "pending: the run 1 was started\npending: the run 1 is in progress\nValidateService: healthy\n";
        assert_eq!((told.code, told.out.as_str(), told.seconds), (0, progress, 15), "{shell}");
        let name = told.requests[0]["question"].as_str().unwrap();
        assert!(name.starts_with("1000-"), "{name}");
        assert!(told.requests.iter().all(|request| request["question"] == name), "{shell}");
        let patience: Vec<_> = told.requests.iter().map(|request| request["patience"].as_u64().unwrap()).collect();
        assert_eq!(patience, [200, 195, 190, 185], "{shell}");
        assert_eq!(told.requests[0]["instance_id"], "i-0123456789abcdef0");
    }
}

#[test]
fn only_healthy_is_healthy() {
    for shell in shells() {
        for (answer, end) in [
            (UNHEALTHY, "port-closed: \"web\" on 8080\nurl-failing: 503\nValidateService: unhealthy\n"),
            (r#"{"verdict":"inconclusive","reasons":["why"]}"#, "why\nValidateService: inconclusive\n"),
            (r#"{"verdict":"healthyish","reasons":[]}"#, "ValidateService: healthyish\n"),
            (r#"{"errorMessage":"it broke"}"#, "failed: {\"errorMessage\":\"it broke\"}\n"),
        ] {
            for answers in [vec![answer], vec![STARTED, answer]] {
                let told = run(&shell, &answers);
                assert!(told.code == 1 && told.out.ends_with(end), "{shell}: {}", told.out);
            }
        }
    }
}

#[test]
fn its_patience_ends_before_its_lifecycle_event_and_the_log_tail_says_why() {
    for shell in shells() {
        let told = run(&shell, &[STARTED, RUNS]);
        assert_eq!((told.code, told.seconds), (1, 195), "{shell}");
        assert!(
            told.out.ends_with("is in progress\nValidateService: pending: no verdict within 200 s\n"),
            "{}",
            told.out
        );
        assert!(told.out.len() < 2048 && told.requests.len() == 40, "{shell}: {}", told.requests.len());
    }
}

#[test]
fn lambda_without_a_free_execution_is_asked_again_and_anything_else_is_not() {
    for shell in shells() {
        let told = run(&shell, &[BUSY, STARTED, BUSY, HEALTHY]);
        assert_eq!((told.code, told.seconds), (0, 15), "{shell}: {}", told.out);
        let told = run(&shell, &["An error occurred (AccessDeniedException) when calling the Invoke operation"]);
        assert_eq!((told.code, told.seconds), (1, 0), "{shell}");
        assert!(told.out.contains("AccessDenied") && told.out.contains("could not ask"), "{}", told.out);
    }
}

/// The answer is what the function of the release before says.
#[test]
fn a_stack_of_the_release_before_is_asked_as_it_knows_it() {
    let refused = r#"{"verdict":"inconclusive","reasons":["the request cannot be read: unknown field `question`, expected one of `deployment_id`, `instance_id`; expected deployment_id"]}"#;
    for shell in shells() {
        for (answer, code) in [(HEALTHY, 0), (UNHEALTHY, 1)] {
            let told = run(&shell, &[refused, answer]);
            assert_eq!(told.code, code, "{shell}: {}", told.out);
            assert_eq!((told.requests.len(), told.requests[1].get("question")), (2, None), "{shell}");
            assert_eq!(told.requests[1].get("patience"), None);
        }
    }
}
