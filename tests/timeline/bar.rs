//! Draws one instance in its lane: its states as a bar, its events above it, its end below it.

use super::axis::Axis;
use super::contract::{Mark, Row, Span, State};
use super::legend::Marks;
use super::states::color_of;
use crate::picture::sheet::{Anchor, Drawn, Sheet, Type, cut};

/// Pixels below the top of a row.
const MARKS: i32 = 5;
const BAR: (i32, i32) = (10, 20);
/// An instance that has ended is only a thin line, so that the colour is not the only sign.
const ENDED: (i32, i32) = (13, 17);
const END: i32 = 28;
const END_SIZE: i32 = 11;

pub(crate) struct Bar<'a, 'b> {
    pub(crate) sheet: &'a Sheet<'b>,
    pub(crate) axis: Axis,
    pub(crate) marks: &'a Marks<'a>,
    /// The upper left corner.
    pub(crate) at: (i32, i32),
}

impl Bar<'_, '_> {
    pub(crate) fn draw(&self, row: &Row) -> Drawn {
        row.spans.iter().filter(|span| span.from < self.axis.until).try_for_each(|span| self.span(span))?;
        row.marks.iter().filter(|mark| mark.at <= self.axis.until).try_for_each(|mark| self.mark(mark))?;
        if row.spans.iter().any(|span| span.to > self.axis.until) {
            self.arrow()?;
        }
        let how = Type { size: END_SIZE, bold: false, color: self.sheet.theme.ink };
        let end = cut(&end_of(row, self.axis.until), END_SIZE, self.axis.width - 3);
        self.sheet.text(&end, (self.at.0 + 3, self.at.1 + END), Anchor::Left, how)
    }

    fn span(&self, span: &Span) -> Drawn {
        let corner = |at: f64, down: i32| (self.at.0 + self.axis.place(at), self.at.1 + down);
        let color = color_of(span.state);
        if span.state == State::Ended {
            return self.sheet.fill(corner(span.from, ENDED.0), corner(span.to, ENDED.1), color);
        }
        self.sheet.bar(corner(span.from, BAR.0), corner(span.to, BAR.1), color)
    }

    fn mark(&self, mark: &Mark) -> Drawn {
        let place = (self.at.0 + self.axis.place(mark.at), self.at.1 + MARKS);
        self.marks.draw(self.sheet, &mark.event, place)
    }

    /// It goes on beyond the axis.
    fn arrow(&self) -> Drawn {
        let (x, y) = (self.at.0 + self.axis.width, self.at.1 + i32::midpoint(BAR.0, BAR.1));
        self.sheet.polygon(vec![(x + 2, y - 5), (x + 8, y), (x + 2, y + 5)], self.sheet.theme.ink)
    }
}

/// Its reason; with the moment, where that is beyond the axis.
fn end_of(row: &Row, until: f64) -> String {
    let last = row.spans.last().map_or(0.0, |span| span.from);
    if last <= until || row.end.is_empty() { row.end.clone() } else { format!("at {last:.0} s: {}", row.end) }
}
