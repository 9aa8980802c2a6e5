//! Reads a message body as an event. Each kind of event has a file with its data and its reader.

mod deployment;
mod envelope;
mod eventbridge;
mod flat;
mod home;
mod launch;
mod nudge;
mod sns;

use serde_json::Value;

pub use deployment::DeploymentSuccess;
pub use home::Home;
pub use launch::{Destination, LaunchAction};
pub use nudge::{News, Nudge};

/// What a message can tell. An event of an unknown kind is a value, not an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A launch lifecycle action began: an instance waits until the action is completed.
    Launch(LaunchAction),
    /// Something happened on an instance: look at it now.
    Nudge(Nudge),
    /// A deployment has succeeded: if it has copied a group, look whether the copy has our hook.
    Deployed(DeploymentSuccess),
    /// A minute has passed: look at everything that waits.
    Sweep,
    /// A message that is understood and concerns no launch; the text says what it is.
    Unconcerned(String),
}

/// Why a body could not be read. The message is logged and dropped, because a second try would fail as well.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// Not JSON.
    #[error("the body is not JSON: {0}")]
    NotJson(String),
    /// JSON of no known shape.
    #[error(
        "the body is neither an EventBridge event, nor a lifecycle message, nor an SNS envelope around one of these"
    )]
    UnknownShape,
    /// A known kind of event whose fields are missing or malformed.
    #[error("the {kind} is malformed: {problem}")]
    Malformed {
        /// The kind of event.
        kind: &'static str,
        /// Which field, and what is wrong with it.
        problem: String,
    },
}

/// Reads one message body: an EventBridge event, a flat lifecycle message, or either inside one SNS envelope. A message
/// from another Region or account than `home` is unconcerned; without a `home` all are read.
///
/// # Errors
/// [`ParseError`] when the body can never become an event.
pub fn parse(body: &[u8], home: Option<&Home>) -> Result<Event, ParseError> {
    let outer: Value = serde_json::from_slice(body).map_err(|error| ParseError::NotJson(error.to_string()))?;
    match sns::unwrap(&outer) {
        Some(message) => {
            let inner = serde_json::from_str(message).map_err(|error| ParseError::NotJson(error.to_string()))?;
            read(&inner, home)
        }
        None => read(&outer, home),
    }
}

fn read(value: &Value, home: Option<&Home>) -> Result<Event, ParseError> {
    if let Some(foreign) = home.and_then(|home| home.find_foreign(value)) {
        return Ok(Event::Unconcerned(foreign));
    }
    if value.get("detail-type").is_some() {
        eventbridge::read(value)
    } else if flat::recognises(value) {
        flat::read(value)
    } else {
        Err(ParseError::UnknownShape)
    }
}

fn malformed(kind: &'static str, problem: impl std::fmt::Display) -> ParseError {
    ParseError::Malformed { kind, problem: problem.to_string() }
}
