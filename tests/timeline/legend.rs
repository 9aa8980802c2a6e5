//! The legend: the colour of each state, and the sign of each event.

use super::contract::{State, Timeline};
use super::states::color_of;
use crate::picture::sheet::{Anchor, Drawn, Sheet, Type, cut, width_of};

const SIZE: i32 = 12;
const LINE: i32 = 19;
const SIGN: i32 = 20;
const GAP: i32 = 16;

/// The events of a timeline, in the order in which they first come; each has a shape of its own.
pub(crate) struct Marks<'a>(Vec<&'a str>);

/// Corners of the shapes, from their middle. They begin anew where there are more events.
const SHAPES: [&[(i32, i32)]; 7] = [
    &[(-5, -4), (5, -4), (0, 4)],
    &[(0, -5), (5, 0), (0, 5), (-5, 0)],
    &[(-4, -4), (4, -4), (4, 4), (-4, 4)],
    &[(-5, 4), (5, 4), (0, -5)],
    &[(-4, -5), (4, 0), (-4, 5)],
    &[(4, -5), (-4, 0), (4, 5)],
    &[(-1, -5), (1, -5), (1, -1), (5, -1), (5, 1), (1, 1), (1, 5), (-1, 5), (-1, 1), (-5, 1), (-5, -1), (-1, -1)],
];
/// Of what failed, whatever else there is.
const CROSS: &[(i32, i32)] =
    &[(-5, -5), (-3, -5), (0, -2), (3, -5), (5, -5), (1, 0), (5, 5), (3, 5), (0, 2), (-3, 5), (-5, 5), (-1, 0)];

impl<'a> Marks<'a> {
    pub(crate) fn of(timeline: &'a Timeline) -> Self {
        let mut events: Vec<&str> = Vec::new();
        for mark in timeline.lanes.iter().flat_map(|lane| &lane.rows).flat_map(|row| &row.marks) {
            if !events.contains(&mark.event.as_str()) {
                events.push(&mark.event);
            }
        }
        Self(events)
    }

    pub(crate) fn draw(&self, sheet: &Sheet<'_>, event: &str, (x, y): (i32, i32)) -> Drawn {
        let mut shaped = self.0.iter().filter(|event| !event.contains("fail"));
        let shape = shaped.position(|known| *known == event).and_then(|number| SHAPES.get(number % SHAPES.len()));
        let shape = shape.copied().unwrap_or(CROSS);
        sheet.polygon(shape.iter().map(|(right, down)| (x + right, y + down)).collect(), sheet.theme.ink)
    }
}

/// What the legend tells, and where.
pub(crate) struct Legend<'a> {
    states: Vec<(State, (i32, i32))>,
    /// What is drawn, what is written, and where.
    marks: Vec<(&'a str, String, (i32, i32))>,
    /// Pixels below its top.
    pub(crate) height: i32,
}

impl<'a> Legend<'a> {
    /// Of the states and events that occur.
    pub(crate) fn of(timeline: &Timeline, marks: &Marks<'a>, from: (i32, i32), until: i32) -> Self {
        let spans = || timeline.lanes.iter().flat_map(|lane| &lane.rows).flat_map(|row| &row.spans);
        let states: Vec<State> =
            State::ALL.into_iter().filter(|state| spans().any(|span| span.state == *state)).collect();
        let mut place = from;
        let mut next = |name: &str| {
            let width = SIGN + width_of(name, SIZE) + GAP;
            if place.0 + width - GAP > until {
                place = (from.0, place.1 + LINE);
            }
            let here = place;
            place.0 += width;
            here
        };
        let states = states.into_iter().map(|state| (state, next(state.name()))).collect();
        let marks = marks.0.iter().map(|event| {
            let name = cut(event, SIZE, until - from.0 - SIGN);
            (*event, name.clone(), next(&name))
        });
        let marks: Vec<_> = marks.collect();
        Self { states, marks, height: place.1 + LINE - from.1 }
    }

    pub(crate) fn draw(&self, sheet: &Sheet<'_>, shapes: &Marks<'_>) -> Drawn {
        let how = Type { size: SIZE, bold: false, color: sheet.theme.ink };
        for (state, (x, y)) in &self.states {
            if *state == State::Ended {
                sheet.fill((*x, y - 2), (x + SIGN - 5, y + 2), color_of(*state))?;
            } else {
                sheet.bar((*x, y - 5), (x + SIGN - 5, y + 5), color_of(*state))?;
            }
            sheet.text(state.name(), (x + SIGN, *y), Anchor::Left, how)?;
        }
        for (event, name, (x, y)) in &self.marks {
            shapes.draw(sheet, event, (x + 10, *y))?;
            sheet.text(name, (x + SIGN, *y), Anchor::Left, how)?;
        }
        Ok(())
    }
}
