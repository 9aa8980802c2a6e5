//! The process around a function: its clock, its environment and its standard output.
//!
//! This is the only file, beside each `main.rs`, that touches them. Everything else takes them as arguments, so that a
//! test can move the time and read the lines.

use std::io::Write;
use std::sync::Arc;
use std::time::SystemTime;

use lifecycle::Timestamp;
use tracing::level_filters::LevelFilter;

/// Tells the time. A function reads the clock of the machine; a test moves its own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Takes one JSON line at a time. A function writes it to standard output; a test keeps it in a list.
pub type Lines = Arc<dyn Fn(&str) + Send + Sync>;

/// The clock of the machine.
#[must_use]
pub fn clock() -> Clock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    })
}

/// Standard output, which Lambda sends to the function's log group.
#[must_use]
pub fn lines() -> Lines {
    Arc::new(|line| {
        // A line that cannot be written cannot be reported either.
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    })
}

/// From now on, what `tracing` tells goes to standard output, one JSON line each. Lambda leaves it to the function to drop
/// what is below its `ApplicationLogLevel` (aws-facts 7.4): TRACE to FATAL, by default INFO.
pub fn begin_log() {
    let level = match variable("AWS_LAMBDA_LOG_LEVEL").as_deref() {
        Some("FATAL") => LevelFilter::ERROR,
        level => level.and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO),
    };
    tracing_subscriber::fmt().json().with_target(false).without_time().with_max_level(level).init();
}

/// The value of an environment variable, if it is set and is UTF-8.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The certificates (PEM) that the file in `SSL_CERT_FILE` holds, if that variable is set. A network that re-signs TLS
/// needs it.
///
/// # Errors
/// When the file cannot be read.
pub fn certificates() -> Result<Option<Vec<u8>>, String> {
    let Some(path) = std::env::var_os("SSL_CERT_FILE").map(std::path::PathBuf::from) else { return Ok(None) };
    std::fs::read(&path).map(Some).map_err(|error| format!("SSL_CERT_FILE, {}: {error}", path.display()))
}
