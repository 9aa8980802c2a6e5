//! The axis of time, which all lanes share.

use super::contract::{Lane, Timeline};

/// A lane that lasts this many times as long as the shortest is cut: else nothing of the others could be seen.
const CUT: f64 = 2.0;
/// Seconds between two labels; the smallest that gives at most seven of them.
const STEPS: [f64; 14] = [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 21600.0];
const LABELS: f64 = 7.0;

/// From the beginning of each lane.
#[derive(Clone, Copy)]
pub(crate) struct Axis {
    /// Seconds.
    pub(crate) until: f64,
    pub(crate) width: i32,
}

impl Axis {
    pub(crate) fn of(timeline: &Timeline, width: i32) -> Self {
        let ends = timeline.lanes.iter().map(end_of).filter(|end| *end > 0.0);
        let (least, most) = ends.fold((f64::MAX, 1.0_f64), |(least, most), end| (least.min(end), most.max(end)));
        Self { until: if most > least * CUT { least } else { most }, width }
    }

    /// Pixels from its beginning; what is later than its end is at its end.
    #[expect(clippy::cast_possible_truncation, reason = "at most its width")]
    pub(crate) fn place(self, at: f64) -> i32 {
        (at.clamp(0.0, self.until) / self.until * f64::from(self.width)).round() as i32
    }

    pub(crate) fn labels(self) -> Vec<f64> {
        let step = STEPS.into_iter().find(|step| self.until / step < LABELS).unwrap_or(self.until);
        let label = |number: i32| f64::from(number) * step;
        (0..=10).map(label).filter(|at| *at <= self.until).collect()
    }
}

fn end_of(lane: &Lane) -> f64 {
    let spans = lane.rows.iter().flat_map(|row| &row.spans).map(|span| span.to);
    let marks = lane.rows.iter().flat_map(|row| &row.marks).map(|mark| mark.at);
    spans.chain(marks).fold(0.0, f64::max)
}
