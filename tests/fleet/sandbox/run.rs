//! A running script, and its result.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// The result of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its exit code; -1 if a signal ended it.
    pub code: i32,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// A script that runs, in a process group of its own, which ends with it.
#[derive(Debug)]
pub struct Running(Option<Child>, u32);

impl Running {
    pub(super) fn start(mut command: Command) -> io::Result<Self> {
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn()?;
        let group = child.id();
        Ok(Self(Some(child), group))
    }

    /// The process group, in which nothing should be left after the end.
    #[must_use]
    pub fn group(&self) -> u32 {
        self.1
    }

    /// Sends a signal, by name, to every process of the script.
    ///
    /// # Errors
    /// There is no sh to send it.
    pub fn signal(&self, name: &str) -> io::Result<()> {
        let kill = format!("kill -s {name} -- -{} 2>/dev/null", self.1);
        Command::new("sh").args(["-c", &kill]).status().map(|_| ())
    }

    /// Whether it still runs.
    ///
    /// # Errors
    /// It cannot be asked.
    pub fn lives(&mut self) -> io::Result<bool> {
        self.0.as_mut().map_or(Ok(false), |child| Ok(child.try_wait()?.is_none()))
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub fn finish(&mut self) -> io::Result<Run> {
        let child = self.0.take().ok_or_else(|| io::Error::other("it was finished before"))?;
        let output = child.wait_with_output()?;
        Ok(Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _sent = self.signal("KILL");
            let _ended = child.wait();
        }
    }
}
