//! What a cold start and a batch cost: `make bench`.
//!
//! It runs the binary that is deployed as Lambda would, against the fleet on loopback, in turn with a hello-world.
//! Ratios are what counts; they hold from machine to machine. They are not the times of a cold start at AWS, where
//! the processor is a fraction of one and the binary has to be fetched first.
//! A missed budget is told, not asserted: it fails only if it cannot measure.

#![expect(clippy::print_stdout, reason = "the table is for the reader of the terminal")]

mod batches;
mod cold;
mod endpoint;
mod events;
mod figure;
mod process;
mod programs;
mod report;
mod runtime_api;
mod table;

use std::process::ExitCode;

use endpoint::Endpoint;
use programs::Programs;
use report::Report;

/// Whatever keeps it from measuring.
type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    match bench().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("bench: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn bench() -> Result<(), Failure> {
    let folder = programs::output_folder()?;
    let endpoint = Endpoint::start(&programs::bundle(&folder)).await?;
    let programs = Programs::find(&folder, &endpoint)?;
    let starts = cold::starts(&programs, &endpoint).await?;
    let warm = batches::warm(&programs, &endpoint).await?;
    let report = Report::new(starts, warm)?;
    let file = report.write(&folder)?;
    println!("{}\nin full: {}", table::of(&report), file.display());
    Ok(())
}
