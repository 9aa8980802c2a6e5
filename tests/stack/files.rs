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

/// A sample as if it came from this Region and account.
///
/// # Errors
/// As [`sample`].
pub fn sample_from(name: &str, region: &str, account: &str) -> io::Result<Value> {
    let mut event = sample(name)?;
    if let Some(members) = event.as_object_mut() {
        members.insert("region".to_owned(), region.into());
        members.insert("account".to_owned(), account.into());
    }
    Ok(event)
}

/// The members of the `CreateDocument` that creates a document of `documents/` under this name.
///
/// # Errors
/// It cannot be read.
pub fn create_document(name: &str, file: &str) -> io::Result<Value> {
    let content = read_to_string(repository().join(format!("documents/{file}.yaml")))?;
    Ok(json!({"Name": name, "DocumentType": "Command", "DocumentFormat": "YAML", "Content": content}))
}
