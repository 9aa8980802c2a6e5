//! `make stack`: keeps the local stack up, for launches by hand with the AWS CLI, and tells what happens.

#![expect(clippy::print_stdout, reason = "it talks to a person")]

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use launchgate_tests::fleet::{By, Entry, What};
use launchgate_tests::play::{GROUP, Play, PlayError, choose_stories};
use launchgate_tests::stack::repository;
use serde_json::Value;

/// The variables of this stack, for a shell.
const VARIABLES: &str = "target/stack.env";

#[tokio::main]
async fn main() -> ExitCode {
    tokio::select! {
        Err(error) = stay() => {
            println!("\nthe local stack has ended: {error}");
            ExitCode::FAILURE
        }
        // Dropping the play ends everything that it started.
        _ = tokio::signal::ctrl_c() => ExitCode::SUCCESS,
    }
}

/// Passes on what happens, until somebody ends it.
async fn stay() -> Result<(), PlayError> {
    let path = choose_stories("tests/stories/by-hand.toml");
    let began = Instant::now();
    let mut play = Play::prepare(&path, &|what| println!("{:>6.1} s  {what}", began.elapsed().as_secs_f64())).await?;
    // As Auto Scaling does, the group replaces what it has lost.
    play.fleet.with(|fleet| fleet.settings.replacements = None);
    std::fs::write(repository().join(VARIABLES), play.stack.tell_variables(&play.fleet.url))?;
    let shown = path.strip_prefix(repository()).unwrap_or(&path);
    println!("{}", introduce(&play, &shown.display().to_string()));
    let mut told = BTreeSet::new();
    loop {
        for entry in play.pass(Duration::from_millis(500)).await?.iter().filter(|entry| is_news(entry)) {
            println!("{entry}");
        }
        for (instance, line) in &play.settled {
            if told.insert(instance.clone()) {
                println!("{}", without_metrics(line));
            }
        }
    }
}

/// The line without its part for CloudWatch, which describes metrics.
fn without_metrics(line: &Value) -> Value {
    let mut line = line.clone();
    line.as_object_mut().and_then(|line| line.remove("_aws"));
    line
}

/// Everything but the heartbeats of `CodeDeploy`, which come every few seconds.
fn is_news(entry: &Entry) -> bool {
    !matches!(entry.what, What::Heartbeat { by: By::CodeDeploy, .. })
}

fn introduce(play: &Play, stories: &str) -> String {
    let opt_in = play.stack.output("OptIn").unwrap_or_default().replace("YOUR-GROUP", GROUP);
    format!(
        "
The local stack is up. In another terminal, in this folder:

. ./{VARIABLES}
aws autoscaling create-auto-scaling-group --auto-scaling-group-name {GROUP} --availability-zones us-east-1a \\
  --launch-template LaunchTemplateName={GROUP} --min-size 0 --max-size 10 --desired-capacity 0
{opt_in}
aws autoscaling set-desired-capacity --auto-scaling-group-name {GROUP} --desired-capacity 3

The launches live the stories of {stories}.
Auto Scaling, Systems Manager and CodeDeploy are simulated, the rest is ministack; the functions are the real ones.
What happens follows here, and the line of each launch that is settled. Ctrl-C ends it.
"
    )
}
