//! The processes of this machine, as /proc tells them.

use std::fs;
use std::io;
use std::process::{Command, Stdio};

/// What /proc tells of each process in a file; of those that may be read.
fn all(file: &str) -> impl Iterator<Item = (u32, Vec<u8>)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(move |entry| {
        Some((entry.file_name().to_str()?.parse().ok()?, fs::read(entry.path().join(file)).ok()?))
    })
}

/// What runs in a process group, the oldest first; a zombie does not run.
pub(super) fn of_group(group: u32) -> Vec<u32> {
    let mut found: Vec<u32> = all("stat")
        .filter(|(_, stat)| {
            let stat = String::from_utf8_lossy(stat);
            let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
            matches!(fields[..], [state, _, of, ..] if state != "Z" && of == group.to_string())
        })
        .map(|(pid, _)| pid)
        .collect();
    found.sort_unstable();
    found
}

/// What runs with this variable, as `NAME=value`; a zombie has none.
pub(super) fn with_environment(variable: &str) -> Vec<u32> {
    let has = |environment: &[u8]| environment.split(|byte| *byte == 0).any(|it| it == variable.as_bytes());
    all("environ").filter(|(_, environment)| has(environment)).map(|(pid, _)| pid).collect()
}

/// The words of a command line.
pub(super) fn words(pid: u32) -> Vec<String> {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

/// Sends a signal; whoever is gone does not get it.
pub(super) fn kill(signal: &str, targets: &[String]) -> io::Result<()> {
    if targets.is_empty() {
        return Ok(());
    }
    Command::new("/bin/kill").args(["-s", signal, "--"]).args(targets).stderr(Stdio::null()).status().map(|_| ())
}
