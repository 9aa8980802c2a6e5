//! Draws the dashboard of `template.yaml` from the log lines of a run: every widget at its place, with its own metrics and
//! queries. It is a drawing of ours, not what CloudWatch shows: it tells whether the widgets fit and say something.

mod alarms;
mod body;
mod chart;
mod draw;
mod metrics;
mod query;
mod series;
mod table;

pub use body::fill_body;
pub use draw::draw;
