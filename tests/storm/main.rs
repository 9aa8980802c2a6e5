//! `make storm`: runs many seeds and prints a table of the faults that were survived. If a law is broken, it prints the
//! seed, a smaller scene that breaks the same law, and its timeline.
#![expect(clippy::print_stdout, reason = "it talks to a person")]

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use launchgate_storm::laws::{Broken, broken};
use launchgate_storm::run::run;
use launchgate_storm::scene::Scene;
use launchgate_storm::seeds::{Harvest, harvest};
use launchgate_storm::shrink::shrunk;

/// Runs without `N`.
const RUNS: u64 = 200;

fn main() -> ExitCode {
    match (number("SEED"), number("N")) {
        (Ok(Some(seed)), _) => replay(seed),
        (Ok(None), Ok(count)) => many(count.unwrap_or(RUNS)),
        (Err(wrong), _) | (_, Err(wrong)) => {
            println!("{wrong}");
            ExitCode::from(2)
        }
    }
}

fn number(name: &str) -> Result<Option<u64>, String> {
    let Some(text) = std::env::var(name).ok().filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| format!("{name}={text} is not a whole number; give {name}=42 or leave it out"))
}

fn many(count: u64) -> ExitCode {
    let early = AtomicU64::new(0);
    let harvest = harvest(0..count, |so_far| {
        if so_far.table.runs == count.div_ceil(10) {
            early.store(resident_kb(), Ordering::Relaxed);
        }
        bar(so_far, count);
    });
    println!("{}", harvest.table);
    let flat = is_flat(early.into_inner(), resident_kb());
    for (seed, broke) in &harvest.failed {
        println!("SEED={seed} breaks \"{}\": {} {}", broke.law, broke.instance, broke.what);
    }
    let Some((seed, broke)) = harvest.failed.first_key_value() else {
        return if flat { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    };
    explain(&Scene::drawn(*seed), broke);
    ExitCode::FAILURE
}

/// Gates, fleets and clients of thousands of runs have come and gone in this process: what they kept would show.
fn is_flat(early: u64, late: u64) -> bool {
    let flat = late <= early * 3 / 2 + 16 * 1024;
    let verdict = if flat { "holds" } else { "1 broken" };
    println!(
        "  {:<38} {verdict:>12}   {} MB after a tenth, {} MB at the end",
        "memory flat",
        early / 1024,
        late / 1024
    );
    flat
}

fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// One line that moves on a terminal; elsewhere a line for every tenth.
fn bar(so_far: &Harvest, count: u64) {
    let done = so_far.table.runs;
    if std::io::stderr().is_terminal() {
        let width = usize::try_from(done * 40 / count.max(1)).unwrap_or(0);
        eprint!("\r{:<40} {done}/{count}, {} broken ", "#".repeat(width), so_far.failed.len());
        if done == count {
            eprintln!();
        }
    } else if done.is_multiple_of((count / 10).max(1)) {
        eprintln!("{done}/{count} runs, {} broken", so_far.failed.len());
    }
    drop(std::io::stderr().flush());
}

fn replay(seed: u64) -> ExitCode {
    let scene = Scene::drawn(seed);
    let survived = run(&scene, None);
    let Some(broke) = broken(&scene, &survived).into_iter().next() else {
        println!("{}\nSEED={seed}: every law holds", survived.timeline.join("\n"));
        return ExitCode::SUCCESS;
    };
    explain(&scene, &broke);
    ExitCode::FAILURE
}

fn explain(scene: &Scene, broke: &Broken) {
    eprintln!("looking for a smaller scene that breaks the same law ...");
    let (small, how) = shrunk(scene, broke, None);
    println!("{}", run(&small, None).timeline.join("\n"));
    println!("\n{small:#?}\n\nSEED={} breaks \"{}\": {} {}", scene.seed, how.law, how.instance, how.what);
}
