//! Summarises many samples in two figures.

use serde::Serialize;

/// The median and the 90th percentile of some samples, by the nearest rank.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Figure {
    pub(crate) median: f64,
    pub(crate) p90: f64,
}

impl Figure {
    pub(crate) fn of(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        Self { median: rank(&samples, 50), p90: rank(&samples, 90) }
    }
}

fn rank(sorted: &[f64], percent: usize) -> f64 {
    let position = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    rounded(sorted.get(position).copied().unwrap_or(f64::NAN))
}

/// To three decimals: more would be noise.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
