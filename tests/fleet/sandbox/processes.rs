//! The processes of this machine, as /proc tells them.

use std::fs;
use std::io;
use std::process::{Command, Stdio};
use std::sync::PoisonError;

use super::Sandbox;

impl Sandbox {
    /// Ends all processes of the instance at one moment, and empties what is in memory only: /run.
    ///
    /// # Errors
    /// A process cannot be ended.
    pub fn reboot(&self) -> io::Result<()> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let mark = format!("LAUNCHGATE_ROOT={}", self.root().display());
        loop {
            let own: Vec<String> = with_environment(&mark).iter().map(u32::to_string).collect();
            if own.is_empty() {
                break;
            }
            // All stand still before the first ends, so that none sees another's end.
            kill("STOP", &own)?;
            kill("KILL", &own)?;
        }
        (shown.processes, shown.agent) = (None, None);
        self.end_started_agent()?;
        match fs::remove_dir_all(self.root().join("run")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => fs::create_dir_all(self.root().join("run")),
        }
    }
}

/// What /proc tells of each process in a file; of those that may be read.
fn all(file: &str) -> impl Iterator<Item = (u32, Vec<u8>)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(move |entry| {
        Some((entry.file_name().to_str()?.parse().ok()?, fs::read(entry.path().join(file)).ok()?))
    })
}

/// What runs in a process group, by PID; a zombie does not run.
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

/// Its parent.
pub(super) fn parent_of(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()
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
