//! Shows the demo: on a terminal one line of time per instance, redrawn; otherwise one line per event.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write, stdout};
use std::time::Duration;

use launchgate_tests::fleet::story::{Group, Story};
use launchgate_tests::fleet::{By, Entry, What};
use launchgate_tests::play::{Play, rows};
use serde_json::Value;

use super::{breakers, codedeploy, green};

/// Seconds that one character of a line of time stands for.
const STEP: Duration = Duration::from_secs(2);

pub(crate) struct Screen {
    terminal: bool,
    drawn: usize,
    /// The instances whose end has been told.
    told: BTreeSet<String>,
}

impl Screen {
    pub(crate) fn new() -> Self {
        Self { terminal: stdout().is_terminal(), drawn: 0, told: BTreeSet::new() }
    }

    pub(crate) fn show(&mut self, play: &Play, news: &[Entry]) {
        if self.terminal {
            self.draw(play);
            return;
        }
        for entry in news {
            tell(play, entry);
        }
        for (instance, story) in play.instances() {
            if let Some(line) = play.line(instance).filter(|_| self.told.insert(instance.to_owned())) {
                tell_end(play, story, line);
            }
        }
    }

    /// The last picture; where nothing could be redrawn, the only one.
    pub(crate) fn close(&mut self, play: &Play) {
        if !self.terminal {
            println!();
        }
        self.draw(play);
    }

    fn draw(&mut self, play: &Play) {
        let rows = rows(play, STEP);
        let clear = if self.terminal { "\x1b[K" } else { "" };
        let back = if self.terminal && self.drawn > 0 { format!("\x1b[{}A", self.drawn) } else { String::new() };
        let lines: Vec<String> = rows.iter().map(|row| format!("{}{clear}\n", row.trim_end())).collect();
        let picture = back + &lines.concat();
        self.drawn = rows.len();
        // A terminal that went away is no reason to stop.
        let _ = stdout().write_all(picture.as_bytes()).and_then(|()| stdout().flush());
    }
}

fn tell(play: &Play, entry: &Entry) {
    let what = match &entry.what {
        What::Launched { .. } => "launched".to_owned(),
        What::RunSent { .. } => "run started".to_owned(),
        What::RunEnded { details, code, .. } => format!("run ended: {details}, exit {code}"),
        What::Terminating { .. } => "Terminating".to_owned(),
        What::Completed { result, by: By::CodeDeploy, .. } => format!("CodeDeploy completed its own hook {result}"),
        What::Heartbeat { by: By::CodeDeploy, .. } | What::Waits { .. } | What::Terminated => return,
        What::Registered
        | What::Repaired
        | What::Heartbeat { .. }
        | What::Completed { .. }
        | What::DefaultResult { .. }
        | What::HookDeleted { .. }
        | What::Deploys { .. }
        | What::AgentTakes { .. }
        | What::Deployed { .. }
        | What::InService
        | What::InPool { .. }
        | What::LeavesPool
        | What::Reboots
        | What::Died => entry.what.to_string(),
    };
    // What was launched to bring the first revision is nobody's story.
    let Some((_, story)) = play.instances().find(|(instance, _)| *instance == entry.instance) else { return };
    println!("{:>6.1} s  {:<44}  {what}", entry.at.since(play.began).as_secs_f64(), story.name);
}

fn tell_end(play: &Play, story: &Story, line: &Value) {
    let now = play.fleet.now().since(play.began).as_secs_f64();
    let text = |name| line.get(name).and_then(Value::as_str).unwrap_or_default();
    println!("{now:>6.1} s  {:<44}  settled {}: {}", story.name, text("decision"), text("reason"));
}

/// What the groups beside the demo's own are for.
pub(crate) fn groups(play: &Play, silent: Duration) -> Vec<String> {
    let told = |(name, group): (&String, &Group)| match (&group.policy, group.codedeploy) {
        (Some(policy), true) => {
            format!("{name}: CodeDeploy deploys to each launch, and the gate holds it too, with {policy}")
        }
        (Some(policy), false) if group.replaces => {
            format!("{name}: replaces every instance that fails, until its breaker trips, with {policy}")
        }
        (Some(policy), false) => format!("{name}: opted in as well, with {policy}"),
        (None, _) => format!(
            "{name}: CodeDeploy alone, without the gate. It waits for an agent that never polls for {} s here, and for an hour \
             on AWS",
            silent.as_secs()
        ),
    };
    play.groups.iter().map(told).collect()
}

/// The launches of those groups, each beside the other.
fn beside(play: &Play) -> Vec<String> {
    let told = |(instance, story): (&str, &Story)| {
        let when = |happened: fn(&What) -> bool| {
            let found = play.timeline.iter().find(|entry| entry.instance == instance && happened(&entry.what))?;
            Some(found.at.since(play.began).as_secs())
        };
        let end = match (when(|what| *what == What::InService), when(|what| matches!(what, What::Terminating { .. }))) {
            (Some(at), _) => format!("in service after {at} s"),
            (None, Some(at)) => format!("terminated after {at} s, and the group launches the next"),
            (None, None) => "still open".to_owned(),
        };
        format!("  {:<44}  {end}{}", story.name, mended(play.line(instance)))
    };
    play.instances()
        .filter(|(_, story)| story.group.is_some() && !codedeploy::beside_gate(play, story) && !play.is_green(story))
        .filter(|(_, story)| !breakers::of_replacing(play, story))
        .map(told)
        .collect()
}

fn mended(line: Option<&Value>) -> String {
    let repairs = line.and_then(|line| line.get("mended")?.as_array()).into_iter().flatten();
    let codes = repairs.filter_map(|repair| repair.get("codes")?.as_array()).flatten().filter_map(Value::as_str);
    let codes: Vec<&str> = codes.collect();
    if codes.is_empty() { String::new() } else { format!("; mended: {}", codes.join(", ")) }
}

/// Prints the end of all launches; whether each is the one that its story predicts.
pub(crate) fn summary(play: &Play) -> bool {
    let ends = play.ends();
    println!(
        "\nresults and reasons, as the function's log has them; without the gate, what CodeDeploy made of its hook"
    );
    for (end, count) in ends.tally() {
        println!("  {count:>3}  {end}");
    }
    let beside = beside(play);
    if !beside.is_empty() {
        println!("\nthe package lock held for 90 s at boot, and user data that fails at it\n{}", beside.join("\n"));
    }
    codedeploy::tell(play);
    breakers::tell(play);
    green::tell(play);
    let waits = ends.to_continue();
    if let (Some(least), Some(most), Some(median)) = (waits.first(), waits.last(), waits.get(waits.len() / 2)) {
        println!("\nseconds from ready to CONTINUE: median {median:.1}, {least:.1} to {most:.1}");
    }
    let calls = play.calls();
    let total: u64 = calls.iter().map(|(_, made)| made).sum();
    println!("\nAWS calls: {total} for {} instances", ends.0.len());
    for (operation, made) in calls {
        println!("  {made:>3}  {operation}");
    }
    let unpredicted: Vec<_> = ends.unpredicted().collect();
    for end in &unpredicted {
        println!("\nNOT AS PREDICTED: {}: {end}", end.story);
    }
    if unpredicted.is_empty() {
        println!("\nevery story ended as its file predicts");
    }
    unpredicted.is_empty()
}
