//! Reads the story file of a play, and the commands that a stack prints.

use std::fs;
use std::path::Path;

use super::PlayError;
use crate::fleet::story::Stories;

/// The stories of this file.
pub(super) fn read(path: &Path) -> Result<Stories, PlayError> {
    let name = || path.display().to_string();
    let text = fs::read_to_string(path).map_err(|source| PlayError::NoFile { path: name(), source })?;
    Stories::parse(&text).map_err(|source| PlayError::Story { path: name(), source })
}

/// Splits a command line as far as the stack prints one: words, and words in single quotes.
pub(super) fn shell_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (number, part) in line.split('\'').enumerate() {
        if number % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}
