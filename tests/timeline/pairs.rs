//! Brings the rows of the lanes together that tell of the same.

use super::contract::{Row, Timeline};

/// What stands beside each other in one line of the picture.
pub(crate) struct Pair<'a> {
    pub(crate) name: &'a str,
    pub(crate) group: &'a str,
    /// One for each lane, where the lane has one.
    pub(crate) rows: Vec<Option<&'a Row>>,
}

/// In the order of the first lane, then what only later lanes have. Where a lane has several rows of one name, its first
/// stands beside the first of another lane.
pub(crate) fn pair(timeline: &Timeline) -> Vec<Pair<'_>> {
    let mut pairs: Vec<Pair<'_>> = Vec::new();
    for (lane, rows) in timeline.lanes.iter().map(|lane| &lane.rows).enumerate() {
        for row in rows {
            let free = |pair: &Pair<'_>| pair.name == row.name() && pair.rows.get(lane).is_some_and(Option::is_none);
            let place = pairs.iter().position(free).unwrap_or_else(|| {
                pairs.push(Pair { name: row.name(), group: &row.group, rows: vec![None; timeline.lanes.len()] });
                pairs.len() - 1
            });
            pairs
                .get_mut(place)
                .and_then(|pair| pair.rows.get_mut(lane))
                .into_iter()
                .for_each(|free| *free = Some(row));
        }
    }
    pairs
}
