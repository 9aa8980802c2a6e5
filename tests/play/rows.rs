//! Draws one line of time per instance.

use std::time::Duration;

use super::Play;
use crate::fleet::{By, Entry, What};

/// What the letters mean.
const LEGEND: [&str; 2] = [
    "R registered with SSM   r run started   = running   e run ended   m mended   h heartbeat   C continued   A abandoned",
    "d deployment begun   s succeeded   f failed   t stopped   D default result   x gone",
];
/// Characters of a line of time.
const WIDTH: usize = 60;

/// One line per instance: its story, its time in steps of `step`, how it ended.
#[must_use]
pub fn rows(play: &Play, step: Duration) -> Vec<String> {
    let heading = format!("{:<44} {:<WIDTH$} one character = {} s", "story", "time", step.as_secs());
    let rows = play.instances().map(|(instance, story)| {
        let own: Vec<&Entry> = play.timeline.iter().filter(|entry| entry.instance == instance).collect();
        let end = play.end(instance, story);
        let mark = if end.predicted || !play.has_ended(instance, story) { ' ' } else { '!' };
        format!("{:<44} {:<WIDTH$}{mark}{end}", story.name, line(&own, play, step))
    });
    std::iter::once(heading).chain(rows).chain(LEGEND.map(str::to_owned)).collect()
}

fn line(own: &[&Entry], play: &Play, step: Duration) -> String {
    let now = play.fleet.now().since(play.began);
    let column = |at: Duration| usize::try_from(at.as_millis() / step.as_millis().max(1)).unwrap_or(WIDTH);
    let place = |entry: &Entry| column(entry.at.since(play.began));
    let mut cells = vec![' '; WIDTH];
    let left = own.iter().any(|entry| matches!(entry.what, What::InService | What::Terminating { .. } | What::Died));
    let last = own.iter().rev().find(|entry| ends(&entry.what)).filter(|_| left);
    let end = last.map_or(column(now), |entry| place(entry));
    let (mut meanwhile, mut owed) = ('.', None);
    for (column, cell) in cells.iter_mut().enumerate() {
        if column > end && owed.is_none() {
            break;
        }
        let here: Vec<&&Entry> = own.iter().filter(|entry| place(entry) == column).collect();
        let mut signs: Vec<char> = here.iter().filter_map(|entry| sign(&entry.what)).chain(owed).collect();
        signs.sort_by_key(|sign| weight(*sign));
        meanwhile = here.iter().rev().find_map(|entry| after(&entry.what)).unwrap_or(meanwhile);
        *cell = signs.pop().unwrap_or(meanwhile);
        // What became of a deployment is not hidden by the verdict of the same moment.
        owed = signs.pop().filter(|sign| "sft".contains(*sign));
    }
    cells.into_iter().collect()
}

/// The sign of what happened. That `CodeDeploy` completes its own hook shows in what became of its deployment.
fn sign(what: &What) -> Option<char> {
    match what {
        What::Registered => Some('R'),
        What::RunSent { .. } => Some('r'),
        What::RunEnded { .. } => Some('e'),
        What::Repaired => Some('m'),
        What::Heartbeat { by: By::Token | By::Instance, .. } => Some('h'),
        What::Completed { result, by: By::Token | By::Instance, .. } if result == "CONTINUE" => Some('C'),
        What::Completed { by: By::Token | By::Instance, .. } => Some('A'),
        What::DefaultResult { .. } => Some('D'),
        What::Deploys { .. } => Some('d'),
        What::Deployed { status, .. } if status == "Succeeded" => Some('s'),
        What::Deployed { status, .. } if status == "Failed" => Some('f'),
        What::Deployed { .. } => Some('t'),
        What::Died => Some('x'),
        What::Heartbeat { .. }
        | What::Completed { .. }
        | What::HookDeleted { .. }
        | What::Launched { .. }
        | What::Waits { .. }
        | What::InService
        | What::AgentTakes { .. }
        | What::InPool { .. }
        | What::LeavesPool
        | What::Reboots
        | What::Terminating { .. }
        | What::Terminated => None,
    }
}

/// The sign of the time after it, where that is another.
fn after(what: &What) -> Option<char> {
    let over = matches!(what, What::Completed { .. } | What::DefaultResult { .. } | What::RunEnded { .. });
    if matches!(what, What::RunSent { .. }) { Some('=') } else { over.then_some('.') }
}

/// Whether it may be the last that happens before an instance has left.
fn ends(what: &What) -> bool {
    matches!(what, What::Completed { .. } | What::DefaultResult { .. } | What::Deployed { .. } | What::Died)
}

/// Which sign stands where several things happened in one step.
fn weight(sign: char) -> usize {
    "=.eRrhmdxsftDAC".find(sign).unwrap_or(0)
}
