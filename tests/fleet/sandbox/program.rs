//! Writes programs of an instance.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use super::packages::run;

/// Writes a program that can be run at once. `install` writes it, because a child that another thread has just forked may
/// still have each file open that this process writes, and nobody can run such a file ("Text file busy").
///
/// # Errors
/// The directory cannot be written.
pub fn write_program(path: &Path, text: &str) -> io::Result<()> {
    let draft = path.with_added_extension("text");
    fs::write(&draft, text)?;
    run(Command::new("install").args(["--mode", "755", "--"]).args([&draft, path]))?;
    fs::remove_file(draft)
}
