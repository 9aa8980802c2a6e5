//! Measures what a batch of launches costs a warm function.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::Failure;
use crate::cold::millis;
use crate::endpoint::Endpoint;
use crate::events::batch;
use crate::figure::{Figure, rounded};
use crate::process::{Process, Program};
use crate::programs::Programs;

/// So long a busy process lets messages come together before it looks. Figures are without it.
const TOGETHER: Duration = Duration::from_secs(1);

/// Launch messages in a batch, and how many such batches are measured.
const BATCHES: [(u32, usize); 3] = [(1, 30), (50, 30), (1000, 20)];

#[derive(Debug, Serialize)]
pub(crate) struct Warm {
    pub(crate) http: Batches,
    pub(crate) https: Batches,
}

#[derive(Debug, Serialize)]
pub(crate) struct Batches {
    pub(crate) batches: Vec<Batch>,
    /// After the largest.
    pub(crate) peak_memory_mb: f64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Batch {
    pub(crate) launches: u32,
    /// Reads that one batch needs.
    pub(crate) calls: u64,
    pub(crate) invocation_ms: Figure,
}

pub(crate) async fn warm(programs: &Programs, endpoint: &Endpoint) -> Result<Warm, Failure> {
    Ok(Warm {
        http: batches(&programs.over_http, endpoint).await?,
        https: batches(&programs.over_https, endpoint).await?,
    })
}

async fn batches(program: &Program, endpoint: &Endpoint) -> Result<Batches, Failure> {
    let mut process = Process::start(program, &batch(1)?).await?;
    process.next().await?;
    process.answer().await?;
    let mut batches = Vec::new();
    for (launches, rounds) in BATCHES {
        batches.push(measure(&mut process, launches, rounds, endpoint).await?);
    }
    let peak_memory_mb = rounded(process.peak_memory()? / 1e6);
    process.stop().await?;
    Ok(Batches { batches, peak_memory_mb })
}

async fn measure(process: &mut Process, launches: u32, rounds: usize, endpoint: &Endpoint) -> Result<Batch, Failure> {
    let mut samples = Vec::new();
    let mut calls = 0;
    for _ in 0..rounds {
        let before = endpoint.calls();
        let (span, answer) = process.invoke(&batch(launches)?).await?;
        let open = answer.get("batchItemFailures").and_then(Value::as_array).map_or(0, Vec::len);
        if open != usize::try_from(launches)? {
            return Err(format!("{open} of {launches} launches wait, and all should: {answer}").into());
        }
        calls = endpoint.calls() - before;
        samples.push(millis(span.checked_sub(TOGETHER).unwrap_or(span)));
    }
    Ok(Batch { launches, calls, invocation_ms: Figure::of(samples) })
}
