//! `make demo`: launches a dozen instances with different stories on the local stack, and shows them live.

#![expect(clippy::print_stdout, reason = "a demo prints")]

mod breakers;
mod codedeploy;
mod green;
mod picture;
mod screen;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use launchgate_tests::play::{Play, PlayError, choose_stories};
use screen::Screen;
use serde_json::json;

/// Patience for all launches together. The slowest story is the one that SSM never hears of.
const LIMIT: Duration = Duration::from_mins(4);
/// How long an instance may take here; short, so that the demo is.
const READY_WITHIN: u32 = 90;
/// How long CodeDeploy waits for an agent that never polls: an hour on AWS (aws-facts 3.3), so that this is all that is
/// shortened of it.
const SILENT_AGENT: Duration = Duration::from_secs(105);
/// Of the hook; the shortest that keeps an instance which SSM does not know.
const HEARTBEAT: u32 = 120;

#[tokio::main]
async fn main() -> ExitCode {
    let played = tokio::select! {
        played = play() => played,
        // Dropping the play ends everything that it started.
        _ = tokio::signal::ctrl_c() => Ok(false),
    };
    match played {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("\nthe demo could not be played: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Plays the stories; whether each ended as its file predicts.
async fn play() -> Result<bool, PlayError> {
    let path = choose_stories("tests/stories/demo.toml");
    let (screen, began) = (Screen::new(), Instant::now());
    let tell = |what: &str| println!("{:>6.1} s  {what}", began.elapsed().as_secs_f64());
    let mut play = Play::prepare(&path, &tell).await?;
    play.fleet.with(|fleet| fleet.settings.codedeploy.silent_agent = SILENT_AGENT);
    tell("opting the group in, as the stack's OptIn output says:");
    println!("          {}", play.opt_in(&json!({"ready_within": READY_WITHIN}), HEARTBEAT).await?);
    if !play.groups.is_empty() {
        tell("groups with CodeDeploy: application, deployment group, and a first deployment that succeeds");
    }
    play.create_groups().await?;
    for line in screen::groups(&play, SILENT_AGENT) {
        println!("          {line}");
    }
    tell(&format!("scaling out: {} instances, each with a story of its own", play.stories.len()));
    play.scale_out().await?;
    watch(&mut play, screen).await?;
    let predicted = screen::summary(&play);
    picture::draw(&play).await?;
    Ok(predicted)
}

async fn watch(play: &mut Play, mut screen: Screen) -> Result<(), PlayError> {
    let end = Instant::now() + LIMIT;
    while !play.over() {
        let news = play.pass(Duration::from_millis(500)).await?;
        screen.show(play, &news);
        if Instant::now() > end {
            let open = play.ends().0.into_iter().filter(|end| end.result.is_empty()).map(|end| end.story);
            return Err(PlayError::Open { seconds: LIMIT.as_secs(), open: open.collect::<Vec<_>>().join(", ") });
        }
    }
    screen.close(play);
    Ok(())
}
