//! The data of a timeline, as its JSON file has it.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::TimelineError;

/// What happened to the instances of a run.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Timeline {
    /// What it shows.
    pub title: String,
    /// Beside each other, on the same axis of time.
    pub lanes: Vec<Lane>,
}

/// The instances that went one way.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Lane {
    /// Which way.
    pub name: String,
    /// An instance each.
    pub rows: Vec<Row>,
}

/// What happened to one instance. Times are seconds since the lane's beginning.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its id.
    pub instance: String,
    /// What it went through, if that has a name. Rows of the same story stand beside each other; without a story, rows of
    /// the same instance do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub story: String,
    /// Its Auto Scaling group.
    pub group: String,
    /// The states, in order. Between two of them nothing is known or nothing happens.
    pub spans: Vec<Span>,
    /// What happened at one moment.
    pub marks: Vec<Mark>,
    /// The reason at the end; empty if there is none.
    pub end: String,
}

/// A time in one state.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Its beginning.
    pub from: f64,
    /// Its end.
    pub to: f64,
    /// Which state.
    pub state: State,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// When.
    pub at: f64,
    /// What.
    pub event: String,
}

/// How an instance stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// On its way, and nobody looks at it.
    Booting,
    /// A readiness run is on it.
    Run,
    /// A repair is on it.
    Repairing,
    /// A deployment to it is open.
    WaitingForCodedeploy,
    /// In the group.
    InService,
    /// Let go.
    Ended,
}

impl State {
    /// All of them, as the legend has them.
    pub const ALL: [Self; 6] =
        [Self::Booting, Self::Run, Self::Repairing, Self::WaitingForCodedeploy, Self::InService, Self::Ended];

    /// Its name in the legend.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Booting => "booting",
            Self::Run => "run",
            Self::Repairing => "repairing",
            Self::WaitingForCodedeploy => "waiting for CodeDeploy",
            Self::InService => "in service",
            Self::Ended => "ended",
        }
    }
}

impl Timeline {
    /// Reads a file.
    ///
    /// # Errors
    /// [`TimelineError`]: there is no such file, or it is not a timeline; then with the key that is wrong.
    pub fn read(path: &Path) -> Result<Self, TimelineError> {
        let name = || path.display().to_string();
        let wrong = |key: String, cause: String| TimelineError::Content { path: name(), key, cause };
        let text = fs::read_to_string(path).map_err(|source| TimelineError::File { path: name(), source })?;
        let mut json = serde_json::Deserializer::from_str(&text);
        let read: Self = serde_path_to_error::deserialize(&mut json)
            .map_err(|error| wrong(error.path().to_string(), error.inner().to_string()))?;
        json.end().map_err(|error| wrong(".".to_owned(), error.to_string()))?;
        read.check().map_err(|(key, cause)| wrong(key, cause))?;
        Ok(read)
    }

    /// Writes it as such a file.
    ///
    /// # Errors
    /// [`TimelineError::File`]
    pub fn write(&self, path: &Path) -> Result<(), TimelineError> {
        let text = serde_json::to_string_pretty(self).map_err(std::io::Error::from);
        let written = text.and_then(|text| fs::write(path, text + "\n"));
        written.map_err(|source| TimelineError::File { path: path.display().to_string(), source })
    }

    /// What the types allow and a picture cannot show: the key, and why.
    fn check(&self) -> Result<(), (String, String)> {
        if self.lanes.is_empty() {
            return Err(("lanes".to_owned(), "a timeline has at least one lane".to_owned()));
        }
        for (lane, rows) in self.lanes.iter().map(|lane| &lane.rows).enumerate() {
            for (row, it) in rows.iter().enumerate() {
                it.check().map_err(|(key, cause)| (format!("lanes[{lane}].rows[{row}].{key}"), cause))?;
            }
        }
        Ok(())
    }
}

impl Row {
    /// What names it beside the rows of other lanes.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.story.is_empty() { &self.instance } else { &self.story }
    }

    fn check(&self) -> Result<(), (String, String)> {
        let mut until = 0.0;
        for (number, span) in self.spans.iter().enumerate() {
            if span.from < until || span.to < span.from {
                let cause = format!("{} to {} is not after {until}, where the span before it ends", span.from, span.to);
                return Err((format!("spans[{number}]"), cause));
            }
            until = span.to;
        }
        let early = self.marks.iter().position(|mark| mark.at < 0.0);
        early.map_or(Ok(()), |number| Err((format!("marks[{number}].at"), "it is before the beginning".to_owned())))
    }
}
