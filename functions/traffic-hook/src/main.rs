//! Runs traffic-hook on Lambda.

use lambda_runtime::{Error, run, service_fn};
use runtime::process;
use traffic_hook::clients::Clients;
use traffic_hook::config::Config;
use traffic_hook::{Hook, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    process::begin_log();
    // The certificates may be of use for a health URL, too.
    let (clients, wrong) = Clients::load(process::certificates()).await?;
    let config = wrong.map_or_else(|| Config::read(process::variable), Err);
    let hook = Hook::new(config, clients, process::clock(), process::lines());
    run(service_fn(|event| handle(&hook, event))).await
}
