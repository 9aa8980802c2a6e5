//! Runs validate-service on Lambda.

use lambda_runtime::{Error, run, service_fn};
use runtime::clients::Clients;
use runtime::process;
use validate_service::{Validator, handle, read_config};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    process::begin_log();
    let config = read_config(process::variable).inspect_err(|error| tracing::error!(%error))?;
    let bundle = process::certificates().inspect_err(|error| tracing::error!(error))?;
    let clients = Clients::load("validate-service", bundle).await?;
    let validator = Validator::new(config, clients, process::clock(), process::lines());
    run(service_fn(|event| handle(&validator, event))).await
}
