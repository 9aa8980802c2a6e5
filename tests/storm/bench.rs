//! The second part of `make bench`: sends bursts of launches through the gate and through what people use instead.
#![expect(clippy::print_stdout, reason = "it talks to a person")]

use std::process::ExitCode;

use launchgate_storm::bursts::lone::LoneLaunches;
use launchgate_storm::bursts::mappings::Mappings;
use launchgate_storm::bursts::plot::{Failure, draw};
use launchgate_storm::bursts::report::Bursts;
use launchgate_storm::bursts::{SIZES, Way, measure};
use launchgate_tests::stack::repository;
use serde_json::{Map, Value, json};

fn main() -> ExitCode {
    match bench() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("bursts: {why}");
            ExitCode::FAILURE
        }
    }
}

fn bench() -> Result<(), Failure> {
    eprintln!("one launch alone");
    let lone = LoneLaunches::measure();
    println!("{lone}");
    let mut bursts = Bursts::default();
    for throttled in [false, true] {
        for size in SIZES {
            for way in Way::ALL {
                eprintln!("{size} launches, {}{}", way.name(), if throttled { ", throttled" } else { "" });
                bursts.figures.push(measure(way, throttled, size));
            }
        }
    }
    println!("{bursts}");
    eprintln!("four ways to take messages from the queue");
    let mappings = Mappings::measure();
    println!("{mappings}");
    draw(&bursts, &repository().join("docs/bench"))?;
    write(&lone, &bursts, &mappings)
}

/// Beside what the first part measured.
fn write(lone: &LoneLaunches, bursts: &Bursts, mappings: &Mappings) -> Result<(), Failure> {
    let file = repository().join("target/bench/report.json");
    let mut report: Map<String, Value> =
        std::fs::read_to_string(&file).map_or_else(|_| Ok(Map::new()), |it| serde_json::from_str(&it))?;
    report.insert("lone".to_owned(), json!(lone));
    report.insert("mappings".to_owned(), json!(mappings));
    report.insert("bursts".to_owned(), json!({"figures": bursts.figures, "budgets": bursts.budgets()}));
    std::fs::create_dir_all(file.with_file_name(""))?;
    std::fs::write(&file, serde_json::to_string_pretty(&report)? + "\n")?;
    println!("in full: {}; pictures: docs/bench", file.display());
    Ok(())
}
