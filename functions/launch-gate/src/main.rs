//! The gate: settles Auto Scaling launch lifecycle actions when the instance is ready, and early when it cannot be.

use std::io::Write;
use std::sync::Arc;
use std::time::SystemTime;

use lambda_runtime::{Error, run, service_fn, tracing};
use runtime::clients::{Clients, certificates};
use runtime::config::Config;
use runtime::{Gate, Timestamp, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let config = Config::read(|name| std::env::var(name).ok()).inspect_err(|error| tracing::error!(%error))?;
    // A network may re-sign TLS.
    let bundle = certificates(std::env::var_os("SSL_CERT_FILE")).inspect_err(|error| tracing::error!(error))?;
    let clients = Clients::load("launch-gate", bundle).await?;
    let gate = Gate::new(config, clients, Arc::new(now), Arc::new(write_line));
    run(service_fn(|event| handle(&gate, event))).await
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn write_line(line: &str) {
    // A line that cannot be written has nowhere to be reported.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
