//! Values over time: one for each step of the time that is shown.

use std::collections::BTreeMap;

/// A moment and what was measured at it.
pub(super) type Sample = (i64, f64);

/// The time that is shown, in milliseconds.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) from: i64,
    pub(super) until: i64,
    /// Of one value to the next.
    pub(super) step: i64,
}

/// One line of a chart.
#[derive(Clone, Debug)]
pub(super) struct Series {
    pub(super) label: String,
    /// Seconds since the beginning, and the value of the step that begins there. A step without samples has none.
    pub(super) points: Vec<(f64, f64)>,
    /// It is measured on the axis at the right.
    pub(super) right: bool,
}

impl Window {
    /// One value for each step, by a statistic of CloudWatch.
    pub(super) fn steps(self, samples: &[Sample], stat: &str) -> Vec<(f64, f64)> {
        let mut steps: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
        for (at, value) in samples.iter().filter(|(at, _)| (self.from..=self.until).contains(at)) {
            steps.entry((at - self.from) / self.step).or_default().push(*value);
        }
        let seconds = |step: i64| seconds_of(step * self.step);
        steps.into_iter().map(|(step, values)| (seconds(step), reckon(values, stat))).collect()
    }

    /// The number of the step that begins at these seconds.
    #[expect(clippy::cast_possible_truncation, reason = "a run has not so many steps")]
    pub(super) fn step_of(self, seconds: f64) -> i64 {
        (seconds / seconds_of(self.step)).round() as i64
    }

    pub(super) fn seconds(self) -> f64 {
        seconds_of(self.until - self.from)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a run has not so many milliseconds")]
pub(super) fn seconds_of(millis: i64) -> f64 {
    millis as f64 / 1000.0
}

/// `Sum`, `Average`, `Maximum`, or a percentile such as `p90`, by the nearest rank.
#[expect(clippy::cast_precision_loss, reason = "a step has not so many samples")]
pub(super) fn reckon(mut values: Vec<f64>, stat: &str) -> f64 {
    values.sort_by(f64::total_cmp);
    match stat.strip_prefix('p').and_then(|percent| percent.parse::<usize>().ok()) {
        Some(percent) => {
            let rank = (values.len() * percent).div_ceil(100).saturating_sub(1);
            values.get(rank).copied().unwrap_or_default()
        }
        None if stat == "Sum" => values.iter().sum(),
        None if stat == "Average" => values.iter().sum::<f64>() / values.len() as f64,
        None => values.last().copied().unwrap_or_default(),
    }
}
