//! Writes `target/bench/report.json`. Its keys are an interface.

use std::path::{Path, PathBuf};
use std::process::Command;

use launchgate_tests::stack::repository;
use serde::Serialize;

use crate::Failure;
use crate::batches::Warm;
use crate::cold::{ROUNDS, Start, Starts};
use crate::figure::rounded;

/// The budget of a cold start, as a ratio to the hello-world.
const START_BUDGET: f64 = 3.0;
const MEMORY_BUDGET_MB: f64 = 24.0;
const BINARY_BUDGET_MB: f64 = 9.0;
/// Of a warm batch of 1,000 launches over HTTP, with the time of the fleet that answers in AWS's place.
const BATCH_BUDGET_MS: f64 = 25.0;

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    command: &'static str,
    commit: String,
    pub(crate) machine: Machine,
    pub(crate) rounds: usize,
    pub(crate) ratios: Ratios,
    pub(crate) budgets: Budgets,
    pub(crate) start: Starts,
    pub(crate) warm: Warm,
}

#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    architecture: &'static str,
    pub(crate) cores: usize,
    /// Of the last minute, when it had ended. This program itself makes about one.
    pub(crate) load: f64,
}

/// Of the medians, to those of hello.
#[derive(Debug, Serialize)]
pub(crate) struct Ratios {
    pub(crate) launch_gate_http: Ratio,
    pub(crate) launch_gate_https: Ratio,
}

#[derive(Debug, Serialize)]
pub(crate) struct Ratio {
    pub(crate) to_next: f64,
    pub(crate) to_response: f64,
    pub(crate) processor: f64,
    pub(crate) peak_memory: f64,
    pub(crate) binary: f64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Budgets {
    /// The first response with one HTTPS call, against hello without any.
    pub(crate) start_https_ratio: Budget,
    /// Peak memory with a batch of 1,000.
    pub(crate) batch_of_1000_memory_mb: Budget,
    /// The program that is deployed.
    pub(crate) binary_mb: Budget,
    /// The median.
    pub(crate) batch_of_1000_ms: Budget,
}

#[derive(Debug, Serialize)]
pub(crate) struct Budget {
    pub(crate) at_most: f64,
    pub(crate) measured: f64,
    pub(crate) met: bool,
}

impl Report {
    pub(crate) fn new(start: Starts, warm: Warm) -> Result<Self, Failure> {
        let ratios = Ratios {
            launch_gate_http: Ratio::of(&start.launch_gate_http, &start.hello),
            launch_gate_https: Ratio::of(&start.launch_gate_https, &start.hello),
        };
        let memory = warm.http.peak_memory_mb.max(warm.https.peak_memory_mb);
        let thousand = warm.http.batches.iter().find(|batch| batch.launches == 1_000);
        let thousand = thousand.map_or(f64::NAN, |batch| batch.invocation_ms.median);
        let budgets = Budgets {
            start_https_ratio: Budget::of(START_BUDGET, ratios.launch_gate_https.to_response),
            batch_of_1000_memory_mb: Budget::of(MEMORY_BUDGET_MB, memory),
            binary_mb: Budget::of(BINARY_BUDGET_MB, start.launch_gate_https.binary_mb),
            batch_of_1000_ms: Budget::of(BATCH_BUDGET_MS, thousand),
        };
        let (commit, machine) = (commit()?, Machine::this()?);
        Ok(Self { command: "make bench", commit, machine, rounds: ROUNDS, ratios, budgets, start, warm })
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<PathBuf, Failure> {
        let file = folder.join("report.json");
        std::fs::write(&file, serde_json::to_string_pretty(self)? + "\n")?;
        Ok(file)
    }
}

impl Ratio {
    fn of(start: &Start, hello: &Start) -> Self {
        Self {
            to_next: rounded(start.to_next_ms.median / hello.to_next_ms.median),
            to_response: rounded(start.to_response_ms.median / hello.to_response_ms.median),
            processor: rounded(start.processor_ms.median / hello.processor_ms.median),
            peak_memory: rounded(start.peak_memory_mb.median / hello.peak_memory_mb.median),
            binary: rounded(start.binary_mb / hello.binary_mb),
        }
    }
}

impl Budget {
    fn of(at_most: f64, measured: f64) -> Self {
        Self { at_most, measured, met: measured <= at_most }
    }
}

impl Machine {
    fn this() -> Result<Self, Failure> {
        let load = std::fs::read_to_string("/proc/loadavg")?;
        let load = load.split(' ').next().unwrap_or_default().parse()?;
        let cores = std::thread::available_parallelism()?.get();
        Ok(Self { architecture: std::env::consts::ARCH, cores, load })
    }
}

/// With `-dirty` if the working tree differs from it; nothing outside a clone.
fn commit() -> Result<String, Failure> {
    let mut git = Command::new("git");
    git.args(["describe", "--always", "--dirty", "--abbrev=12"]).current_dir(repository());
    Ok(String::from_utf8_lossy(&git.output()?.stdout).trim().to_owned())
}
