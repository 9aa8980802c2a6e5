//! The readiness document, run for real on made-up instances.

#[cfg(test)]
mod contract;
#[cfg(test)]
mod findings;
#[cfg(test)]
mod stand;
#[cfg(test)]
mod waiting;
