//! The names of the fields in our log lines, and of the metrics among them.

/// The line that every settled lifecycle action leaves, exactly once.
pub const SETTLED: &str = "settled";
/// The line that every finding leaves that a repair has mended, beside the settled one of its launch.
pub const MENDED: &str = "mended";
/// The line that every invocation leaves.
pub const BATCH: &str = "batch";

/// The names of a [`SETTLED`] line, in its order.
pub const OF_SETTLED: [&str; 22] = [
    "message",
    "instance",
    "group",
    "hook",
    "transition",
    "decision",
    "rule",
    "reason",
    "outcome",
    "seconds_waited",
    "runs",
    "repairs",
    "mended",
    "findings",
    "api_calls",
    "warnings",
    "launches",
    "seconds_to_ready",
    "report",
    "evidence",
    "deployments",
    "_aws",
];

/// The names of a [`MENDED`] line, in its order.
pub const OF_MENDED: [&str; 7] = ["message", "instance", "group", "code", "seconds", "mended", "_aws"];

/// The names of a [`BATCH`] line, in its order.
pub const OF_BATCH: [&str; 12] = [
    "message",
    "finished",
    "messages",
    "dropped",
    "looks",
    "open",
    "settled",
    "unfinished",
    "api_calls",
    "bad_policies",
    "oldest_open_seconds",
    "_aws",
];

/// The CloudWatch namespace of all metrics.
pub const NAMESPACE: &str = "Launchgate";
