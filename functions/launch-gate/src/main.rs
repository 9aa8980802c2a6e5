//! The gate: settles Auto Scaling launch lifecycle actions when the instance is ready, and early when it cannot be.

use std::io::Write;
use std::sync::Arc;
use std::time::SystemTime;

use lambda_runtime::{Error, run, service_fn, tracing};
use runtime::clients::Clients;
use runtime::config::Config;
use runtime::{Gate, Timestamp, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let config = Config::read(|name| std::env::var(name).ok()).inspect_err(|error| tracing::error!(%error))?;
    let clients = Clients::load(certificates()?).await?;
    let gate = Gate::new(config, clients, Arc::new(now), Arc::new(write_line));
    run(service_fn(|event| handle(&gate, event))).await
}

/// What to trust instead of Amazon's own certificates: a network may re-sign TLS.
fn certificates() -> Result<Option<Vec<u8>>, Error> {
    let Some(path) = std::env::var_os("SSL_CERT_FILE") else { return Ok(None) };
    let read = std::fs::read(&path).map_err(|error| format!("SSL_CERT_FILE, {}: {error}", path.display()));
    Ok(Some(read.inspect_err(|error| tracing::error!(error))?))
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn write_line(line: &str) {
    // A line that cannot be written has nowhere to be reported.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
