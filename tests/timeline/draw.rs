//! Draws a timeline: names at the left, then the lanes beside each other, with the same axis of time.

use std::fs;
use std::path::{Path, PathBuf};

use super::axis::Axis;
use super::bar::Bar;
use super::contract::Timeline;
use super::error::TimelineError;
use super::legend::{Legend, Marks};
use super::pairs::{Pair, pair};
use crate::picture::sheet::{Anchor, Drawn, Sheet, Type, cut, wrap};
use crate::picture::theme::{DARK, LIGHT, Theme};

/// All in pixels.
const WIDTH: i32 = 900;
const MARGIN: i32 = 12;
const NAMES: i32 = 204;
/// Between names and lanes, and between lanes.
const GAP: i32 = 16;
const TITLE: i32 = 40;
/// The names of the lanes, and the labels of the axis.
const HEAD: i32 = 40;
const ROW: i32 = 38;
const SIZE: i32 = 12;

impl Timeline {
    /// Writes the picture for a light page to `path`, and the one for a dark page beside it; returns both paths.
    ///
    /// # Errors
    /// [`TimelineError`]: a file cannot be written, or the library cannot draw it.
    pub fn draw(&self, path: &Path) -> Result<[PathBuf; 2], TimelineError> {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let paths = [path.to_owned(), path.with_file_name(format!("{stem}-dark.svg"))];
        for (path, theme) in paths.iter().zip([LIGHT, DARK]) {
            let name = || path.display().to_string();
            let svg = self.svg(theme).map_err(|cause| TimelineError::Drawing { path: name(), cause })?;
            fs::write(path, svg).map_err(|source| TimelineError::File { path: name(), source })?;
        }
        Ok(paths)
    }

    fn svg(&self, theme: Theme) -> Result<String, String> {
        let (marks, pairs) = (Marks::of(self), pair(self));
        let legend = Legend::of(self, &marks, (MARGIN, TITLE), WIDTH - MARGIN);
        let rows = TITLE + legend.height + HEAD;
        let height = rows + ROW * i32::try_from(pairs.len()).unwrap_or_default() + MARGIN;
        let lanes = i32::try_from(self.lanes.len()).unwrap_or(1).max(1);
        let axis = Axis::of(self, (WIDTH - 2 * MARGIN - NAMES - GAP * lanes) / lanes);
        let mut svg = String::new();
        let sheet = Sheet::new(&mut svg, (WIDTH, height), theme)?;
        let title = Type { size: 16, bold: true, color: theme.ink };
        sheet.text(&cut(&self.title, title.size, WIDTH - 2 * MARGIN), (MARGIN, 18), Anchor::Left, title)?;
        legend.draw(&sheet, &marks)?;
        let picture = Picture { sheet: &sheet, axis, marks: &marks, rows, bottom: height - MARGIN };
        self.lanes.iter().enumerate().try_for_each(|(lane, it)| picture.head(lane, &it.name))?;
        pairs.iter().enumerate().try_for_each(|(number, pair)| picture.pair(number, pair))?;
        sheet.finish()?;
        Ok(svg)
    }
}

struct Picture<'a, 'b> {
    sheet: &'a Sheet<'b>,
    axis: Axis,
    marks: &'a Marks<'a>,
    /// The top of the first row.
    rows: i32,
    bottom: i32,
}

impl Picture<'_, '_> {
    fn left_of(&self, lane: usize) -> i32 {
        MARGIN + NAMES + GAP + (self.axis.width + GAP) * i32::try_from(lane).unwrap_or_default()
    }

    /// The name of a lane, and the axis with its lines.
    fn head(&self, lane: usize, name: &str) -> Drawn {
        let (left, theme) = (self.left_of(lane), self.sheet.theme);
        let bold = Type { size: 13, bold: true, color: theme.ink };
        self.sheet.text(&cut(name, bold.size, self.axis.width), (left, self.rows - 28), Anchor::Left, bold)?;
        let how = Type { size: 11, bold: false, color: theme.muted };
        for at in self.axis.labels() {
            let x = left + self.axis.place(at);
            self.sheet.line((x, self.rows - 4), (x, self.bottom), theme.grid)?;
            let (label, anchor) =
                if at > 0.0 { (at.to_string(), Anchor::Middle) } else { ("0 s".into(), Anchor::Left) };
            self.sheet.text(&label, (x, self.rows - 11), anchor, how)?;
        }
        Ok(())
    }

    fn pair(&self, number: usize, pair: &Pair<'_>) -> Drawn {
        let top = self.rows + ROW * i32::try_from(number).unwrap_or_default();
        let theme = self.sheet.theme;
        self.sheet.line((MARGIN, top), (WIDTH - MARGIN, top), theme.grid)?;
        let mut lines: Vec<_> = wrap(pair.name, SIZE, NAMES, 2).into_iter().map(|line| (line, theme.ink)).collect();
        if lines.len() < 2 {
            lines.push((cut(pair.group, SIZE, NAMES), theme.muted));
        }
        for ((line, color), y) in lines.iter().zip([top + 13, top + 28]) {
            self.sheet.text(line, (MARGIN, y), Anchor::Left, Type { size: SIZE, bold: false, color: *color })?;
        }
        let rows = pair.rows.iter().enumerate().filter_map(|(lane, row)| Some((lane, (*row)?)));
        rows.map(|(lane, row)| {
            (Bar { sheet: self.sheet, axis: self.axis, marks: self.marks, at: (self.left_of(lane), top + 1) }, row)
        })
        .try_for_each(|(bar, row)| bar.draw(row))
    }
}
