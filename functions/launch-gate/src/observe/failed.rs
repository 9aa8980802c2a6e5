//! A read that failed.

use runtime::CallError;
use tracing::error;

/// Logs a read that failed. The looks that needed it decide nothing.
pub(crate) fn log_failed_read(error: &CallError) {
    error!(%error, "AWS could not be read; the looks that need this wait for the next tick");
}
