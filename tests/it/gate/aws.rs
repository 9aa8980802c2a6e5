//! Builds launch-gate with the SDK clients and the HTTP client that it has in production, which reach the fleet over
//! loopback.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use launch_gate::Config;
use launch_gate::Gate;
use launchgate_tests::fleet::door::server::Server;
use launchgate_tests::wire::settings;
use runtime::clients::Clients;
use serde_json::Value;

/// The name of the readiness document in the fleet.
pub(super) const DOCUMENT: &str = "readiness";

/// Builds the gate for this fleet, with the fleet's clock. It writes its lines to `lines`.
pub(super) fn gate(server: &Arc<Server>, lines: &Arc<Mutex<Vec<Value>>>) -> Gate {
    let variables = BTreeMap::from([
        ("READINESS_DOCUMENT", DOCUMENT),
        ("INSTALL_DOCUMENT", "install-agent"),
        ("TICK_SECONDS", "15"),
    ]);
    let config = Config::read(|name| variables.get(name).map(|value| (*value).to_owned())).unwrap();
    let (clock, written) = (Arc::clone(server), Arc::clone(lines));
    Gate::new(
        config,
        clients(&server.url),
        Arc::new(move || clock.now()),
        Arc::new(move |line| written.lock().unwrap().push(serde_json::from_str(line).unwrap())),
    )
}

/// The real clients, over loopback. They retry as in production but after 1 ms, because the fleet's clock stands still
/// meanwhile.
fn clients(url: &str) -> Clients {
    let sdk = settings(runtime::clients::http_client(None).unwrap(), "launch-gate")
        .into_builder()
        .endpoint_url(url)
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
        .build();
    Clients::new(&sdk)
}
