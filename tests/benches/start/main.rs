//! `make bench`: measures what a cold start and a batch cost.
//!
//! It runs the deployed binary as Lambda would, against the fleet on loopback, in turn with a hello-world. The ratios
//! matter, because they are the same on every machine. They are not the times of a cold start at AWS, where the
//! function has only a fraction of a processor and the binary must be fetched first. A missed budget is printed, not
//! asserted. The benchmark fails only if it cannot measure.

#![expect(clippy::print_stdout, reason = "the table is for the reader of the terminal")]

mod batches;
mod cold;
mod empty_queue;
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
