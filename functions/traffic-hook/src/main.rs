//! Answers the hooks of deployments that shift traffic, always and before its own time-out.

use std::io::Write;
use std::sync::Arc;
use std::time::SystemTime;

use lambda_runtime::{Error, run, service_fn, tracing};
use runtime::Timestamp;
use runtime::clients::certificates;
use traffic_hook::clients::Clients;
use traffic_hook::config::Config;
use traffic_hook::{Hook, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    // A network may re-sign TLS, and a health URL may have a certificate that is not Amazon's.
    let (clients, wrong) = Clients::load(certificates(std::env::var_os("SSL_CERT_FILE"))).await?;
    let config = wrong.map_or_else(|| Config::read(|name| std::env::var(name).ok()), Err);
    let hook = Hook::new(config, clients, Arc::new(now), Arc::new(write_line));
    run(service_fn(|event| handle(&hook, event))).await
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn write_line(line: &str) {
    // A line that cannot be written has nowhere to be reported.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
