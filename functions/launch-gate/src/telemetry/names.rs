//! The names that queries and alarms use.

/// The `message` of the line that every settled lifecycle action leaves, exactly once.
pub const SETTLED: &str = "settled";
/// The `message` of the line that every mended finding leaves, beside the settled line of its launch.
pub const MENDED: &str = "mended";
/// The `message` of the line of a breaker that trips.
pub const BREAKER: &str = "breaker";
/// The `message` of the line of a copied group that the gate is not on.
pub const UNGATED: &str = "ungated-group";
/// The `message` of the line of an instance that is held, which the sweep leaves once a minute.
pub const WAITING: &str = "waiting";
/// The `message` of the line that every invocation leaves.
pub const BATCH: &str = "batch";
/// The CloudWatch namespace of all metrics. Each metric has the hook's name as a dimension, because two stacks of one
/// account and Region share the namespace.
pub const NAMESPACE: &str = "Launchgate";
/// The codes of findings that the documents of this release may report. An instance that was taken over may report any
/// other; a line tells it, and no metric has it as the value of a dimension, because AWS bills each value by the month.
pub const FINDINGS: [&str; 43] = [
    "agent-access-denied",
    "agent-clock-skewed",
    "agent-missing",
    "agent-no-credentials",
    "agent-no-route",
    "agent-no-worker",
    "agent-not-polling",
    "agent-on-premises",
    "agent-restarting",
    "agent-starting",
    "agent-stopped",
    "agent-stopping",
    "agent-tls-failing",
    "boot-failed",
    "boot-running",
    "check-hung",
    "clock-skewed",
    "command-missing",
    "credentials-expired",
    "credentials-missing",
    "credentials-refused",
    "disk-full",
    "http-client-failing",
    "http-client-missing",
    "install-busy",
    "install-failed",
    "metadata-blocked",
    "metadata-disabled",
    "metadata-hop-limit",
    "metadata-no-token",
    "metadata-unreachable",
    "network-no-name",
    "network-no-route",
    "network-tls-failing",
    "package-database-unreadable",
    "package-lock-held",
    "package-lock-unclear",
    "package-missing",
    "port-closed",
    "unit-not-active",
    "url-failing",
    "user-data-failed",
    "user-data-not-run",
];
