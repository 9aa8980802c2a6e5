//! Draws values over time: lines, or bars upon each other, with the names of the series below.

use std::collections::BTreeMap;

use plotters::style::RGBColor;

use super::series::{Series, Window, seconds_of};
use crate::picture::sheet::{Anchor, Drawn, Sheet, Type, cut, width_of};
use crate::picture::theme::{BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION};

/// More series than colours begin them anew.
const COLORS: [RGBColor; 7] = [BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, RGBColor(89, 99, 110)];
pub(super) const SIZE: i32 = 11;
/// The height of a line of names, and the width of the labels of an axis.
const LINE: i32 = 15;
const LABELS: i32 = 36;
const NAMES: usize = 3;

/// A box of the sheet, by its corners.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) right: i32,
    pub(super) bottom: i32,
}

/// A chart, and where.
pub(super) struct Chart<'a, 'b> {
    pub(super) sheet: &'a Sheet<'b>,
    pub(super) series: &'a [Series],
    pub(super) window: Window,
    pub(super) stacked: bool,
    /// A level line, and its name.
    pub(super) threshold: Option<(String, f64)>,
    pub(super) place: Place,
}

impl Chart<'_, '_> {
    pub(super) fn draw(&self) -> Drawn {
        let names = self.names();
        let lines = i32::try_from(names.len()).unwrap_or_default();
        let right = if self.series.iter().any(|series| series.right) { LABELS } else { 8 };
        let Place { left, top, .. } = self.place;
        let plot = Place {
            left: left + LABELS,
            top: top + 4,
            right: self.place.right - right,
            bottom: self.place.bottom - lines * LINE - 18,
        };
        self.axes(plot)?;
        if self.stacked { self.bars(plot) } else { self.lines(plot) }?;
        let how = Type { size: SIZE, bold: false, color: self.sheet.theme.ink };
        for (line, y) in names.iter().zip((0..).map(|line| plot.bottom + 18 + LINE / 2 + line * LINE)) {
            for (number, name, x) in line {
                self.sheet.fill((*x, y - 4), (x + 8, y + 4), color_of(*number))?;
                self.sheet.text(name, (x + 12, y), Anchor::Left, how)?;
            }
        }
        Ok(())
    }

    /// The names of the series in lines: the number of the series, its name, and where.
    fn names(&self) -> Vec<Vec<(usize, String, i32)>> {
        let Place { left, right, .. } = self.place;
        let mut lines: Vec<Vec<(usize, String, i32)>> = Vec::new();
        let mut x = right;
        for (number, series) in self.series.iter().enumerate() {
            let name = if series.right { format!("{} (right)", series.label) } else { series.label.clone() };
            let name = cut(&name, SIZE, right - left - 12);
            let width = 12 + width_of(&name, SIZE) + 8;
            if x + width - 8 > right {
                if lines.len() == NAMES {
                    break;
                }
                lines.push(Vec::new());
                x = left;
            }
            lines.last_mut().into_iter().for_each(|line| line.push((number, name.clone(), x)));
            x += width;
        }
        lines
    }

    fn axes(&self, plot: Place) -> Drawn {
        let theme = self.sheet.theme;
        let how = Type { size: SIZE, bold: false, color: theme.muted };
        let end = self.window.seconds();
        for (x, at, anchor) in [(plot.left, 0.0, Anchor::Left), (plot.right, end, Anchor::Right)] {
            self.sheet.text(&format!("{at:.0} s"), (x, plot.bottom + 10), anchor, how)?;
        }
        for part in [0.0, 0.5, 1.0] {
            let y = place(part, plot.bottom, plot.top);
            self.sheet.line((plot.left, y), (plot.right, y), theme.grid)?;
            self.sheet.text(&tell(part * self.most(false)), (plot.left - 4, y), Anchor::Right, how)?;
            if self.series.iter().any(|series| series.right) {
                self.sheet.text(&tell(part * self.most(true)), (plot.right + 4, y), Anchor::Left, how)?;
            }
        }
        let Some((name, value)) = &self.threshold else { return Ok(()) };
        let (y, how) = (place(value / self.most(false), plot.bottom, plot.top), Type { color: theme.ink, ..how });
        self.sheet.line((plot.left, y), (plot.right, y), VERMILION)?;
        self.sheet.text(&format!("{name} {value:.0}"), (plot.left + 6, y + 9), Anchor::Left, how)
    }

    /// The upper end of an axis.
    fn most(&self, right: bool) -> f64 {
        let mut steps: BTreeMap<i64, f64> = BTreeMap::new();
        for (at, value) in self.series.iter().filter(|series| series.right == right).flat_map(|series| &series.points) {
            let step = steps.entry(self.window.step_of(*at)).or_default();
            *step = if self.stacked { *step + value } else { step.max(*value) };
        }
        let threshold = self.threshold.as_ref().filter(|_| !right).map_or(0.0, |(_, value)| *value);
        let most = steps.into_values().fold(threshold, f64::max).max(1.0);
        let scale = 10_f64.powf(most.log10().floor());
        [1.0, 2.0, 4.0, 6.0, 8.0].into_iter().map(|it| it * scale).find(|it| *it >= most).unwrap_or(10.0 * scale)
    }

    fn lines(&self, plot: Place) -> Drawn {
        for (number, series) in self.series.iter().enumerate() {
            let most = self.most(series.right);
            let at = |(at, value): &(f64, f64)| {
                (place(at / self.window.seconds(), plot.left, plot.right), place(value / most, plot.bottom, plot.top))
            };
            let points: Vec<(i32, i32)> = series.points.iter().map(at).collect();
            for (x, y) in &points {
                self.sheet.fill((x - 2, y - 2), (x + 3, y + 3), color_of(number))?;
            }
            self.sheet.path(points, color_of(number), 2)?;
        }
        Ok(())
    }

    fn bars(&self, plot: Place) -> Drawn {
        let mut below: BTreeMap<i64, f64> = BTreeMap::new();
        for (number, series) in self.series.iter().enumerate() {
            for (at, value) in &series.points {
                let base = below.entry(self.window.step_of(*at)).or_default();
                let ends = [*at, at + seconds_of(self.window.step)].map(|at| (at / self.window.seconds()).min(1.0));
                let [left, right] = ends.map(|end| place(end, plot.left, plot.right));
                let [bottom, top] =
                    [*base, *base + value].map(|it| place(it / self.most(false), plot.bottom, plot.top));
                self.sheet.bar((left, top), (right - 2, bottom), color_of(number))?;
                *base += value;
            }
        }
        Ok(())
    }
}

fn color_of(number: usize) -> RGBColor {
    COLORS.get(number % COLORS.len()).copied().unwrap_or(BLUE)
}

/// So far from one place to another.
#[expect(clippy::cast_possible_truncation, reason = "pixels")]
fn place(part: f64, from: i32, to: i32) -> i32 {
    from + (part * f64::from(to - from)).round() as i32
}

fn tell(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}
