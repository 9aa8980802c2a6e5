//! Tests how the install document starts an agent that something keeps from starting, or that is about to come back.

use std::fs::{self, OpenOptions};
use std::process::{Child, Command, Stdio};

use launchgate_tests::fleet::host::AgentState::Stopped;
use launchgate_tests::fleet::sandbox::Family::Rpm;

use super::run::instance;
use crate::stand::Instance;
use crate::stand::threads::at_once;

const PID_FILE: &str = "opt/codedeploy-agent/state/.pid/codedeploy-agent.pid";

/// As 2.1.0 was seen to start (aws-facts 18).
const PICKY: &str = r#"#!/bin/sh
read -r pid <"FILE"
if [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; then
  echo "Agent is already running (pid $pid)" >&2
  exit 1
fi
exec "AGENT" "$@"
"#;

fn picky(instance: &Instance) {
    let (agent, real) = (instance.path("state/agent"), instance.path("state/agent.real"));
    fs::copy(&agent, &real).unwrap();
    let file = instance.sandbox.root().join(PID_FILE);
    let script = PICKY.replace("FILE", &file.display().to_string()).replace("AGENT", &real.display().to_string());
    fs::write(agent, script).unwrap();
}

#[test]
fn a_pid_file_that_names_a_stranger_does_not_keep_the_agent_from_starting() {
    let ash = concat!(env!("CARGO_MANIFEST_DIR"), "/../.local/tools/bin/busybox ash");
    at_once(&["dash", "bash --posix", ash], |shell| {
        let instance = instance(Rpm, Stopped);
        picky(&instance);
        let mut stranger = Command::new("sleep").arg("600").spawn().unwrap();
        // As the agent writes it: without a newline.
        instance.write(PID_FILE, &stranger.id().to_string());
        let report = instance.start_install_under(shell, &[]).report();
        let lives = stranger.try_wait().unwrap().is_none();
        stranger.kill().unwrap();
        stranger.wait().unwrap();
        report.assert_ready(168);
        assert!(lives);
    });
}

/// Time runs faster here.
#[test]
fn a_systemctl_that_never_answers_and_ignores_term_is_bounded() {
    let instance = instance(Rpm, Stopped);
    let real = fs::read_to_string(instance.path("bin/systemctl")).unwrap();
    let (first, rest) = real.split_once('\n').unwrap();
    let hangs = "case $1 in show) ;; *)\n  trap '' TERM\n  while :; do sleep 1; done ;;\nesac";
    instance.command("systemctl", &format!("{first}\n{hangs}\n{rest}"));
    let faster = "#!/bin/sh\n[ \"$1\" != -k ] || shift 2\nshift\nexec /usr/bin/timeout -k 1 1 \"$@\"\n";
    instance.command("timeout", faster);
    let report = instance.install(&[]);
    assert_eq!((report.run.code, report.codes()), (169, vec!["agent-stopped"]));
    assert_eq!(report.detail(), "started 2 times, but not running. start of codedeploy-agent was ended after 60 s");
}

/// A master of 2.x that has no worker for so many seconds; then it has one.
const MASTER: &str = r"
$0 = '/opt/codedeploy-agent/bin/codedeploy-agent start';
open my $pid, '>', $ARGV[0] or die; print {$pid} $$; close $pid;
my $input = '';
vec($input, fileno(STDIN), 1) = 1;
select($input, undef, undef, $ARGV[1]) and exit;
my $worker = fork // die;
$0 = '/opt/codedeploy-agent/bin/codedeploy-agent worker' unless $worker;
read STDIN, my $end, 1;
";

struct Master(Child);

impl Master {
    /// Under a program of its own, so that this can be replaced.
    fn start(instance: &Instance, seconds: u32) -> Self {
        let program = instance.path("master");
        fs::copy("/usr/bin/perl", &program).unwrap();
        let file = instance.sandbox.root().join(PID_FILE);
        let mut command = Command::new(&program);
        command.args(["-e", MASTER]).arg(&file).arg(seconds.to_string()).stdin(Stdio::piped());
        let child = command.spawn().unwrap();
        fs::write(instance.path("state/master"), child.id().to_string()).unwrap();
        let mut units = OpenOptions::new().append(true).open(instance.path("state/units")).unwrap();
        std::io::Write::write_all(&mut units, b"codedeploy-agent\n").unwrap();
        Self(child)
    }
}

impl Drop for Master {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ended = self.0.wait();
    }
}

/// 15 s after the start of a master, a missing worker is no longer one that starts.
#[test]
fn a_worker_that_comes_back_by_itself_is_waited_for() {
    let instance = instance(Rpm, Stopped);
    let master = Master::start(&instance, 22);
    let report = instance.install(&[]);
    report.assert_ready(168);
    assert!(!report.run.stderr.contains("restart of codedeploy-agent"), "{report:?}");
    assert_eq!(instance.master(), master.0.id().to_string());
}

#[test]
fn a_master_whose_program_was_replaced_is_restarted_at_once() {
    let instance = instance(Rpm, Stopped);
    let master = Master::start(&instance, 600);
    fs::remove_file(instance.path("master")).unwrap();
    let report = instance.install(&[]);
    report.assert_ready(168);
    assert!(report.run.stderr.contains("restart of codedeploy-agent"), "{report:?}");
    assert_ne!(instance.master(), master.0.id().to_string());
    assert!(report.waited() < 40, "{report:?}");
}
