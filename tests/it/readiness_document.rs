//! The readiness document, run for real on made-up instances.

mod contract;
mod findings;
mod stand;
mod waiting;
