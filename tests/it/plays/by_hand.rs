//! `make stack`: the commands that it prints, in a shell of their own.

use std::process::Stdio;
use std::time::Duration;

use launchgate_tests::stack::repository;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// More than it takes on two busy cores. The launch that fails does so after 25 s.
const PATIENCE: Duration = Duration::from_mins(3);

#[tokio::test]
async fn what_it_prints_opts_a_group_in_and_launches_and_ctrl_c_ends_it() {
    let mut stack = Command::new(env!("CARGO_BIN_EXE_stack"));
    let stack = stack.current_dir(repository()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    timeout(PATIENCE, drive(stack)).await.unwrap();
}

async fn drive(mut stack: Child) {
    let mut lines = BufReader::new(stack.stdout.take().unwrap()).lines();
    let printed = read_until(&mut lines, "Ctrl-C ends it").await;
    run_in_shell(&printed).await;
    let mut decisions: Vec<String> = Vec::new();
    while decisions.len() < 2 {
        let settled: serde_json::Value = serde_json::from_str(&read_until(&mut lines, r#""decision""#).await).unwrap();
        assert!(settled.get("_aws").is_none(), "{settled}");
        decisions.push(settled["decision"].to_string());
    }
    assert_eq!(decisions, [r#""CONTINUE""#, r#""ABANDON""#]);
    let pid = Pid::from_raw(i32::try_from(stack.id().unwrap()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    assert!(stack.wait().await.unwrap().success());
}

/// Runs the commands that stand in this text between the first line that begins with a dot and the next empty one.
async fn run_in_shell(printed: &str) {
    let (_, commands) = printed.split_once("\n. ").unwrap();
    let (commands, _) = commands.split_once("\n\n").unwrap();
    let mut shell = Command::new("sh");
    let told = shell.args(["-ec", &format!(". {commands}")]).current_dir(repository()).output().await.unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
}

/// All lines up to the first with this text. After the introduction that is one line.
async fn read_until(lines: &mut Lines<BufReader<ChildStdout>>, what: &str) -> String {
    let mut read = String::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.contains(what) {
            return if line.starts_with('{') { line } else { read + &line };
        }
        read = read + &line + "\n";
    }
    panic!("no {what} in {read}");
}
