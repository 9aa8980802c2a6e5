//! Draws a timeline: `timeline IN.json OUT.svg`. Writes `OUT.svg` for a light page and `OUT-dark.svg` for a dark one.

use std::path::PathBuf;
use std::process::ExitCode;

use launchgate_tests::timeline::Timeline;

fn main() -> ExitCode {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [from, to] = paths.as_slice() else {
        eprintln!("usage: timeline IN.json OUT.svg");
        return ExitCode::from(2);
    };
    match Timeline::read(from).and_then(|timeline| timeline.draw(to)) {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("timeline: {error}");
            ExitCode::FAILURE
        }
    }
}
