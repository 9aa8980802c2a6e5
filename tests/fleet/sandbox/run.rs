//! A command that runs on an instance under the SSM Agent's worker, and its result.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::processes::{self, kill};
use crate::fleet::outputs::plugin_output;

/// What is told of a step whose machine went down meanwhile (agent/framework/processor/executer/outofproc/master.go).
const LOST: &str = "document process failed unexpectedly: document worker timed out , check \
                    [ssm-document-worker]/[ssm-session-worker] log for crash reason";

/// The result of a script, before the SSM Agent adds its sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// Its exit code; -1 if a signal ended it, 137 if the SSM Agent did.
    pub code: i32,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Run {
    /// What SSM keeps as `Output`: 2,500 bytes, of which 1,215 are of standard output if both streams are long
    /// (aws-facts 6.4, 17).
    #[must_use]
    pub fn output(&self) -> String {
        plugin_output(&self.stdout, &self.stderr)
    }

    /// As SSM tells it (aws-facts 17): of a step that ended with 168 there is no standard error, and of one that failed
    /// there is one more line of it.
    #[must_use]
    pub fn told(&self) -> Self {
        let more = match self.code {
            0 | 168 => String::new(),
            -1 => "failed to run commands: signal: killed".to_owned(),
            code => format!("failed to run commands: exit status {code}"),
        };
        let stderr = if self.code == 168 { String::new() } else { format!("{}{more}", self.stderr) };
        Self { stderr, ..self.clone() }
    }
}

/// A command that runs. Its processes end with it.
#[derive(Debug)]
pub struct Running {
    worker: Child,
    id: String,
    /// Each with the worker's files.
    steps: Vec<PathBuf>,
}

impl Running {
    /// Starts the worker, and waits until the first step has a process.
    pub(super) fn start(mut worker: Command, id: String, steps: Vec<PathBuf>) -> io::Result<Self> {
        let mut worker = worker.args(&steps).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let told = worker.stdout.take().map(|told| BufReader::new(told).read_line(&mut String::new()));
        let running = Self { worker, id, steps };
        match told.transpose()? {
            Some(read) if read > 0 => Ok(running),
            _ => Err(io::Error::other("the stand-in for the SSM Agent's worker did not come up")),
        }
    }

    /// The process group of the step that runs, or that ran last: the process that the worker started leads it.
    #[must_use]
    pub fn group(&self) -> u32 {
        self.begun().filter_map(|step| fs::read_to_string(step.join("pid")).ok()?.parse().ok()).last().unwrap_or(0)
    }

    /// The process that runs the script. It is the first of the group, or a child of it: dash forks for `sh -c PATH`,
    /// and bash becomes the script.
    #[must_use]
    pub fn script(&self) -> Option<u32> {
        let leader = self.group();
        let waits = processes::words(leader).get(1).is_some_and(|word| word == "-c");
        if !waits {
            return Some(leader);
        }
        processes::of_group(leader).into_iter().find(|pid| processes::parent_of(*pid) == Some(leader))
    }

    /// What runs or ran below the worker and is not at its end, whatever its group; a zombie is.
    #[must_use]
    pub fn left(&self) -> Vec<u32> {
        let mark = format!("SSM_COMMAND_ID={}", self.id);
        processes::with_environment(&mark).into_iter().filter(|pid| *pid != self.worker.id()).collect()
    }

    /// Sends a signal, by name, to every process of the script, but not to an `sh -c` that waits for it. They are
    /// stopped before, so that all get it at one moment.
    ///
    /// # Errors
    /// There is no kill to send it.
    pub fn signal(&self, name: &str) -> io::Result<()> {
        let (group, script) = (self.group(), self.script());
        kill("STOP", &[format!("-{group}")])?;
        let all = processes::of_group(group).into_iter();
        let others: Vec<String> =
            all.filter(|pid| *pid != group || script == Some(group)).map(|pid| pid.to_string()).collect();
        kill(name, &others)?;
        kill("CONT", &[format!("-{group}")])
    }

    /// The step is out of time: the worker kills its process group and goes on with the next step.
    ///
    /// # Errors
    /// The worker has ended.
    pub fn time_out(&mut self) -> io::Result<()> {
        self.order("time-out\n")
    }

    /// The command is cancelled: the worker kills the process group of its step, and ends.
    ///
    /// # Errors
    /// The worker has ended.
    pub fn cancel(&mut self) -> io::Result<()> {
        self.order("cancel\n")
    }

    fn order(&mut self, order: &str) -> io::Result<()> {
        self.worker.stdin.as_mut().ok_or_else(|| io::Error::other("it has ended"))?.write_all(order.as_bytes())
    }

    /// Whether it still runs.
    ///
    /// # Errors
    /// It cannot be asked.
    pub fn lives(&mut self) -> io::Result<bool> {
        Ok(self.worker.try_wait()?.is_none())
    }

    /// What each step that has begun has printed so far, and its code, 0 until it has one.
    #[must_use]
    pub fn so_far(&self) -> Vec<Run> {
        self.begun().map(|step| read(step)).collect()
    }

    fn begun(&self) -> impl Iterator<Item = &PathBuf> {
        self.steps.iter().filter(|step| step.join("pid").exists())
    }

    /// Waits for the end; the result is that of the step that ran last. Of a machine that went down only a failure is
    /// told.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub fn finish(&mut self) -> io::Result<Run> {
        // `Child::wait` closes the worker's input, which is an order to end.
        let orders = self.worker.stdin.take();
        let ended = self.worker.wait()?;
        drop(orders);
        if ended.success() {
            return self.so_far().pop().ok_or_else(|| io::Error::other("no step has begun"));
        }
        Ok(Run { code: 1, stdout: LOST.to_owned(), stderr: String::new() })
    }
}

fn read(step: &Path) -> Run {
    let text = |name| String::from_utf8_lossy(&fs::read(step.join(name)).unwrap_or_default()).into_owned();
    Run { code: text("code").parse().unwrap_or(0), stdout: text("stdout"), stderr: text("stderr") }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Its input ends, and so it kills the step and itself.
        let _ended = self.worker.wait();
    }
}
