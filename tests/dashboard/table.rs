//! Draws the rows that a query has found; what does not fit is counted in the last line.

use serde_json::{Map, Value};

use super::chart::{Place, SIZE};
use crate::picture::sheet::{Anchor, Drawn, Sheet, Type, cut, width_of};

const LINE: i32 = 16;
const GAP: i32 = 10;

pub(super) fn draw_table(sheet: &Sheet<'_>, columns: &[String], rows: &[Map<String, Value>], place: Place) -> Drawn {
    let fit = usize::try_from((place.bottom - place.top) / LINE).unwrap_or_default().saturating_sub(2);
    let widths = fit_columns(columns, rows, place.right - place.left);
    let [ink, muted] = [sheet.theme.ink, sheet.theme.muted].map(|color| Type { size: SIZE, bold: false, color });
    let bold = Type { bold: true, ..ink };
    let mut x = place.left;
    for (column, width) in columns.iter().zip(widths) {
        let cells = rows.iter().take(fit).map(|row| (cell(row, column), ink));
        let cells = std::iter::once((column.clone(), bold)).chain(cells);
        for ((text, how), y) in cells.zip((0..).map(|line| place.top + LINE / 2 + line * LINE)) {
            sheet.text(&cut(&text, SIZE, width), (x, y), Anchor::Left, how)?;
        }
        x += width + GAP;
    }
    let more = rows.len().saturating_sub(fit);
    let below = if more > 0 { format!("{more} more") } else { String::new() };
    sheet.text(&below, (place.left, place.bottom - LINE / 2), Anchor::Left, muted)
}

/// As wide as their cells; the widest gives way until all fit.
fn fit_columns(columns: &[String], rows: &[Map<String, Value>], room: i32) -> Vec<i32> {
    let mut widths: Vec<i32> = columns.iter().map(|column| width_of_column(column, rows) + GAP).collect();
    while widths.iter().sum::<i32>() > room {
        let Some(widest) = widths.iter_mut().max() else { break };
        *widest -= 1;
    }
    widths.iter().map(|width| width - GAP).collect()
}

fn width_of_column(column: &str, rows: &[Map<String, Value>]) -> i32 {
    let cells = rows.iter().map(|row| width_of(&cell(row, column), SIZE));
    // Bold letters are wider.
    cells.fold(width_of(column, SIZE) * 11 / 10, i32::max)
}

fn cell(row: &Map<String, Value>, column: &str) -> String {
    match row.get(column) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
