//! Measures the time from the start of the process to its first answer.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::Failure;
use crate::endpoint::Endpoint;
use crate::events::batch;
use crate::figure::{Figure, rounded};
use crate::process::{Process, Program};
use crate::programs::Programs;

pub(crate) const ROUNDS: usize = 30;

/// The cost of starting one program.
#[derive(Debug, Serialize)]
pub(crate) struct Start {
    /// From its start until it asks for an event.
    pub(crate) to_next_ms: Figure,
    /// From its start until it has answered the first event.
    pub(crate) to_response_ms: Figure,
    /// How long it was on a processor for that.
    pub(crate) processor_ms: Figure,
    pub(crate) peak_memory_mb: Figure,
    pub(crate) binary_mb: f64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Starts {
    pub(crate) hello: Start,
    pub(crate) launch_gate_http: Start,
    pub(crate) launch_gate_https: Start,
}

struct Sample {
    to_next: Duration,
    to_response: Duration,
    processor: Duration,
    peak_memory: f64,
}

/// In turn, and each round in another order: whatever else the machine does meets all alike.
pub(crate) async fn starts(programs: &Programs, endpoint: &Endpoint) -> Result<Starts, Failure> {
    let subjects = [(&programs.hello, 0), (&programs.over_http, 1), (&programs.over_https, 1)];
    for (program, calls) in subjects {
        start(program, calls, endpoint).await?; // from now on it is in the page cache
    }
    let mut samples = [const { Vec::new() }; 3];
    for round in 0..ROUNDS {
        let mut turn: Vec<_> = subjects.iter().zip(&mut samples).collect();
        turn.rotate_left(round % subjects.len());
        for ((program, calls), samples) in turn {
            samples.push(start(program, *calls, endpoint).await?);
        }
    }
    let [hello, http, https] = samples;
    Ok(Starts {
        hello: Start::of(&programs.hello, &hello)?,
        launch_gate_http: Start::of(&programs.over_http, &http)?,
        launch_gate_https: Start::of(&programs.over_https, &https)?,
    })
}

async fn start(program: &Program, calls: u64, endpoint: &Endpoint) -> Result<Sample, Failure> {
    let calls_before = endpoint.calls();
    let mut process = Process::start(program, &batch(1)?).await?;
    let to_next = process.next().await?;
    let (to_response, answer) = process.answer().await?;
    let sample =
        Sample { to_next, to_response, processor: process.processor_time()?, peak_memory: process.peak_memory()? };
    process.stop().await?;
    let made = endpoint.calls() - calls_before;
    if made == calls { Ok(sample) } else { Err(unexpected(program, made, &answer)) }
}

fn unexpected(program: &Program, calls: u64, answer: &Value) -> Failure {
    format!("{} made {calls} calls and answered {answer}; see {}", program.path.display(), program.log.display()).into()
}

impl Start {
    fn of(program: &Program, samples: &[Sample]) -> Result<Self, Failure> {
        let figure = |value: fn(&Sample) -> f64| Figure::of(samples.iter().map(value).collect());
        let bytes = u32::try_from(std::fs::metadata(&program.path)?.len())?;
        Ok(Self {
            to_next_ms: figure(|sample| millis(sample.to_next)),
            to_response_ms: figure(|sample| millis(sample.to_response)),
            processor_ms: figure(|sample| millis(sample.processor)),
            peak_memory_mb: figure(|sample| sample.peak_memory / 1e6),
            binary_mb: rounded(f64::from(bytes) / 1e6),
        })
    }
}

pub(crate) fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}
