//! Draws the dashboard of `template.yaml` with the log events of a run: `dashboard LINES.jsonl OUT.svg`. `make demo` leaves
//! such events in `target/demo/lines.jsonl`.

use std::path::PathBuf;
use std::process::ExitCode;

use launchgate_tests::dashboard;
use launchgate_tests::stack::LogEvent;

fn main() -> ExitCode {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [from, to] = paths.as_slice() else {
        eprintln!("usage: dashboard LINES.jsonl OUT.svg");
        return ExitCode::from(2);
    };
    let drawn = LogEvent::read_all(from).and_then(|events| dashboard::draw(&events));
    let written = drawn.and_then(|svg| std::fs::write(to, svg).map_err(|error| format!("{}: {error}", to.display())));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dashboard: {error}");
            ExitCode::FAILURE
        }
    }
}
