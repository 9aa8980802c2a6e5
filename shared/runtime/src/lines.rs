//! Writes one JSON line, for log queries and metrics.

use std::fmt::Write;

use serde::Serialize;

use crate::process::Lines;

/// Writes `line` as JSON to `lines`, not through the log subscriber, which would nest it: CloudWatch finds metrics only
/// at the top of a line.
pub fn write(line: &impl Serialize, lines: &Lines) {
    match serde_json::to_string(line) {
        Ok(text) => lines(&escape(&text)),
        Err(error) => tracing::error!(%error, "a log line could not be written as JSON"),
    }
}

/// The same JSON, with escapes for what a terminal or a reader of lines may obey. JSON itself demands them only for
/// characters below U+0020, and outside of a text none of these occurs.
fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for letter in json.chars() {
        if is_obeyed(letter) {
            // A String takes whatever is written to it.
            let _ = write!(escaped, "\\u{:04x}", u32::from(letter));
        } else {
            escaped.push(letter);
        }
    }
    escaped
}

/// A control character, one that ends a line, or one that turns the direction of writing. All are below U+10000.
const fn is_obeyed(letter: char) -> bool {
    matches!(letter, '\u{7f}'..='\u{9f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
