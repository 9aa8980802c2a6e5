//! Reads the story file of a play, and the commands that a stack prints.

use std::fs;
use std::path::{Path, PathBuf};

use super::PlayError;
use crate::fleet::story::Stories;
use crate::stack::repository;

/// The story file that the variable `STORIES` names, or else this one of the repository.
#[must_use]
pub fn choose_stories(otherwise: &str) -> PathBuf {
    let named = std::env::var_os("STORIES").filter(|path| !path.is_empty());
    named.map_or_else(|| repository().join(otherwise), PathBuf::from)
}

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
