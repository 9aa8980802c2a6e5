//! Keeps the run as a picture, for a light page and for a dark one, and as the data that the picture was drawn from.

use std::fs;

use launchgate_tests::play::{Play, PlayError};
use launchgate_tests::stack::repository;

/// Draws it, and prints where.
pub(crate) fn draw(play: &Play) -> Result<(), PlayError> {
    let folder = repository().join("target/demo");
    fs::create_dir_all(&folder)?;
    let timeline = play.timeline()?;
    timeline.write(&folder.join("timeline.json"))?;
    timeline.draw(&folder.join("timeline.svg"))?;
    println!(
        "\nthe run as a picture, beside the same stories under CodeDeploy alone: target/demo/timeline.svg\n\
         (for a dark page: timeline-dark.svg; its data: timeline.json)"
    );
    Ok(())
}
