//! Runs launch-gate on Lambda.

use lambda_runtime::{Error, run, service_fn};
use launch_gate::{Config, Gate, handle};
use runtime::clients::load_settings;
use runtime::process;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    process::begin_log();
    let config = Config::read(process::variable).inspect_err(|error| tracing::error!(%error))?;
    let bundle = process::certificates().inspect_err(|error| tracing::error!(error))?;
    let settings = load_settings("launch-gate", bundle).await?;
    let gate = Gate::new(config, &settings, process::clock(), process::lines());
    run(service_fn(|event| handle(&gate, event))).await
}
