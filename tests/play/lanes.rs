//! The lanes of a play: what happened with the gate, and what happens to the same stories without it.

use super::course::{Shown, tell_course};
use super::ends::End;
use super::ungated::Ungated;
use super::{GROUP, Play, PlayError};
use crate::fleet::Entry;
use crate::fleet::story::{Stories, Story};
use crate::timeline::{Lane, Row, State, Timeline};

impl Play {
    /// What happened so far: every instance of the play, in the lane of its way. Beside them, the stories that the gate
    /// holds are lived once more without it.
    ///
    /// # Errors
    /// [`PlayError`]: the fleet without the gate refused a call.
    pub fn timeline(&self) -> Result<Timeline, PlayError> {
        let (with, without): (Vec<_>, Vec<_>) = self.instances().partition(|(_, story)| self.gated(story));
        let rows =
            |own: Vec<(&str, &Story)>| own.into_iter().map(|(instance, story)| self.row(instance, story)).collect();
        let mut again = alone(&self.cast)?;
        let own: Vec<Row> = rows(without);
        again.splice(0..0, own);
        let title = format!("A scale-out of {} instances, each with a story of its own", self.stories.len());
        Ok(Timeline { title, lanes: vec![lane("with the gate", rows(with)), lane("without: CodeDeploy alone", again)] })
    }

    fn row(&self, instance: &str, story: &Story) -> Row {
        let own: Vec<&Entry> = self.timeline.iter().filter(|entry| entry.instance == instance).collect();
        let shown = Shown { began: self.began, until: self.fleet.now() };
        name_row(tell_course(instance, &own, shown), story, &self.end(instance, story))
    }
}

/// What happens to the stories of a file that the gate would hold, if there is no gate.
///
/// # Errors
/// [`PlayError`]: the fleet refused a call.
pub fn alone(cast: &Stories) -> Result<Vec<Row>, PlayError> {
    let played = Ungated::play(cast)?;
    let rows = played.rows().map(|(row, story, end)| name_row(row, story, &end)).collect();
    Ok(rows)
}

fn lane(name: &str, rows: Vec<Row>) -> Lane {
    Lane { name: name.to_owned(), rows }
}

/// Its story, its group, and its end.
fn name_row(row: Row, story: &Story, end: &End) -> Row {
    let group = story.group.clone().unwrap_or_else(|| GROUP.to_owned());
    let end = tell_end(end, row.spans.last().map(|span| span.state));
    Row { story: story.name.clone(), group, end, ..row }
}

/// The verdict and its reason, with what became of the deployment, unless that succeeded or is the reason. Where nobody gave
/// a verdict, how the instance stands.
fn tell_end(end: &End, last: Option<State>) -> String {
    if end.result.is_empty() {
        return last.map_or("", State::name).to_owned();
    }
    let deployment =
        end.deployment.as_ref().filter(|status| *status != "Succeeded" && !end.reason.contains("deployment"));
    let deployment = deployment.map(|status| format!(", deployment {}", status.to_lowercase())).unwrap_or_default();
    format!("{end}{deployment}")
}
