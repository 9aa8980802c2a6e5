//! What the pictures share: a page by pixels, and colours for a light and a dark page.

pub(crate) mod sheet;
pub(crate) mod theme;
