//! One line of time per instance.

use std::time::Duration;

use super::{End, Play};
use crate::fleet::{Entry, What};

/// What the letters mean.
const LEGEND: &str = "R registered with SSM   r run started   = running   e run ended   h heartbeat   \
                      C continued   A abandoned   D default result   x gone";
/// Characters of a line of time.
const WIDTH: usize = 60;

/// One line per instance: its story, its time in steps of `step`, how it ended.
#[must_use]
pub fn rows(play: &Play, step: Duration) -> Vec<String> {
    let heading = format!("{:<44} {:<WIDTH$} one character = {} s", "story", "time", step.as_secs());
    let rows = play.instances().map(|(instance, story)| {
        let own: Vec<&Entry> = play.timeline.iter().filter(|entry| entry.instance == instance).collect();
        let end = End::of(play, instance, story);
        let mark = if end.predicted || end.result.is_empty() { ' ' } else { '!' };
        format!("{:<44} {:<WIDTH$}{mark}{end}", story.name, line(&own, play, step))
    });
    std::iter::once(heading).chain(rows).chain([LEGEND.to_owned()]).collect()
}

fn line(own: &[&Entry], play: &Play, step: Duration) -> String {
    let now = play.fleet.now().since(play.began);
    let column = |at: Duration| usize::try_from(at.as_millis() / step.as_millis().max(1)).unwrap_or(WIDTH);
    let mut cells = vec![' '; WIDTH];
    let last = own.iter().rev().find(|entry| mark(&entry.what).is_some_and(|(_, after)| after == ' '));
    let end = last.map_or(column(now), |entry| column(entry.at.since(play.began)));
    let mut after = '.';
    for (place, cell) in cells.iter_mut().enumerate().take(end + 1) {
        let here = own.iter().filter(|entry| column(entry.at.since(play.began)) == place);
        let marks: Vec<(char, char)> = here.filter_map(|entry| mark(&entry.what)).collect();
        if let Some((_, next)) = marks.last() {
            after = *next;
        }
        *cell = marks.iter().map(|(sign, _)| *sign).max_by_key(|sign| weight(*sign)).unwrap_or(after);
    }
    cells.into_iter().collect()
}

/// The sign of what happened, and the sign of the time after it.
fn mark(what: &What) -> Option<(char, char)> {
    match what {
        What::Registered => Some(('R', '.')),
        What::RunSent { .. } => Some(('r', '=')),
        What::RunEnded { .. } => Some(('e', '.')),
        What::Repaired => Some(('m', '.')),
        What::Heartbeat { .. } => Some(('h', '.')),
        What::Completed { result, .. } if result == "CONTINUE" => Some(('C', ' ')),
        What::Completed { .. } => Some(('A', ' ')),
        What::DefaultResult { .. } => Some(('D', ' ')),
        What::Died => Some(('x', ' ')),
        What::Deploys { .. } => Some(('d', '.')),
        What::Deployed { status, .. } if status == "Succeeded" => Some(('s', '.')),
        What::Deployed { status, .. } if status == "Failed" => Some(('f', '.')),
        What::Deployed { .. } => Some(('t', '.')),
        What::Launched { .. }
        | What::Waits { .. }
        | What::InService
        | What::InPool { .. }
        | What::LeavesPool
        | What::Terminating { .. }
        | What::Terminated => None,
    }
}

/// Which sign stands where several things happened in one step.
fn weight(sign: char) -> usize {
    "=.eRrhmxDAC".find(sign).unwrap_or(0)
}
