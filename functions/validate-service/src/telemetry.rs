//! The one line that every request leaves.

use runtime::process::Lines;
use runtime::{VERSION, lines};
use serde::Serialize;

use crate::answer::Answer;
use crate::request::Request;

/// The line, its fields in this order.
#[derive(Serialize)]
struct Validated<'a> {
    message: &'static str,
    version: &'static str,
    /// Absent if the request could not be read.
    #[serde(flatten)]
    request: Option<&'a Request>,
    #[serde(flatten)]
    answer: &'a Answer,
    seconds: u64,
    api_calls: u32,
}

/// Writes the line.
pub(crate) fn write_line(request: Option<&Request>, answer: &Answer, seconds: u64, api_calls: u32, to: &Lines) {
    let line = Validated { message: "validated", version: VERSION, request, answer, seconds, api_calls };
    lines::write(&line, to);
}
