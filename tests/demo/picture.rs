//! Keeps the run as pictures, as the data that they were drawn from, and as the log events of the functions.

use std::fs;

use launchgate_tests::play::{Play, PlayError};
use launchgate_tests::stack::{LogEvent, repository};

/// Draws it, and prints where.
pub(crate) async fn draw(play: &Play) -> Result<(), PlayError> {
    let folder = repository().join("target/demo");
    fs::create_dir_all(&folder)?;
    let mut events = play.stack.log_events().await?;
    events.retain(|event| event.timestamp >= play.began.millis());
    LogEvent::write_all(&events, &folder.join("lines.jsonl"))?;
    let timeline = play.timeline()?;
    timeline.write(&folder.join("timeline.json"))?;
    timeline.draw(&folder.join("timeline.svg"))?;
    println!(
        "\nthe run as a picture, beside the same stories under CodeDeploy alone: target/demo/timeline.svg\n\
         (for a dark page: timeline-dark.svg; its data: timeline.json; the log of the functions: lines.jsonl)"
    );
    Ok(())
}
