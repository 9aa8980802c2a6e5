//! The names that queries and alarms use.

/// The `message` of the line that every settled lifecycle action leaves, exactly once.
pub const SETTLED: &str = "settled";
/// The `message` of the line that every mended finding leaves, beside the settled line of its launch.
pub const MENDED: &str = "mended";
/// The `message` of the line of a copied group that the gate is not on.
pub const UNGATED: &str = "ungated-group";
/// The `message` of the line of an instance that is held, which the sweep leaves once a minute.
pub const WAITING: &str = "waiting";
/// The `message` of the line that every invocation leaves.
pub const BATCH: &str = "batch";
/// The CloudWatch namespace of all metrics. Each metric has the hook's name as a dimension, because two stacks of one
/// account and Region share the namespace.
pub const NAMESPACE: &str = "Launchgate";
