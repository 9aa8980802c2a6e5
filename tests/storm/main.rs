//! `make storm`: many seeds, a table of what was survived; on a broken law the seed, a smaller scene and its timeline.
#![expect(clippy::print_stdout, reason = "it talks to a person")]

use std::process::ExitCode;

use launchgate_storm::laws::broken;
use launchgate_storm::run::run;
use launchgate_storm::scene::Scene;
use launchgate_storm::shrink::shrunk;
use launchgate_storm::table::Table;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn main() -> ExitCode {
    if std::env::var_os("MUTANTS").is_some() {
        for sabotage in launchgate_storm::sabotage::Sabotage::ALL {
            let caught = (0..200).find_map(|seed| {
                let scene = Scene::drawn(seed);
                broken(&scene, &run(&scene, Some(sabotage))).first().map(|broke| (seed, broke.clone()))
            });
            println!("{sabotage:?}: {caught:?}");
        }
        return ExitCode::SUCCESS;
    }
    let first = number("SEED", 0);
    let count = number("N", if std::env::var_os("SEED").is_some() { 1 } else { 200 });
    let mut table = Table::default();
    let mut failed = Vec::new();
    for seed in first..first + count {
        let scene = Scene::drawn(seed);
        let survived = run(&scene, None);
        let broke = broken(&scene, &survived);
        table.add(&scene, &survived, &broke);
        if let Some(how) = broke.first() {
            println!("seed {seed}: {}: {} {}", how.law, how.instance, how.what);
            failed.push((scene, how.clone()));
        }
    }
    println!("{table}");
    let Some((scene, how)) = failed.first() else { return ExitCode::SUCCESS };
    if std::env::var_os("SHRINK").is_none() {
        return ExitCode::FAILURE;
    }
    let (small, how) = shrunk(scene, how, None);
    println!("SEED={} breaks: {}\n{small:#?}", scene.seed, how.law);
    for line in run(&small, None).timeline {
        if line.contains(&how.instance) || how.instance.is_empty() || !line.contains(" i-") {
            println!("{line}");
        }
    }
    println!("{}: {}", how.law, how.what);
    ExitCode::FAILURE
}
