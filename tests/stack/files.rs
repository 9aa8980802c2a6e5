//! Reads the files of this repository that the tests send to AWS or to a function.

use std::fs::read_to_string;
use std::io;

use serde_json::{Value, json};

use super::repository;

/// One payload of `events/`.
///
/// # Errors
/// It cannot be read, or is not JSON.
pub fn sample(name: &str) -> io::Result<Value> {
    Ok(serde_json::from_str(&read_to_string(repository().join(format!("events/{name}.json")))?)?)
}

/// The members of the `CreateDocument` that creates a document of `documents/` under this name.
///
/// # Errors
/// It cannot be read.
pub fn create_document(name: &str, file: &str) -> io::Result<Value> {
    let content = read_to_string(repository().join(format!("documents/{file}.yaml")))?;
    Ok(json!({"Name": name, "DocumentType": "Command", "DocumentFormat": "YAML", "Content": content}))
}
