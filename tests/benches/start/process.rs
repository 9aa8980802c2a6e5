//! Runs a function as Lambda does: as a process with an environment and a Runtime API.

use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::process::{Child, Command};

use crate::Failure;
use crate::runtime_api::{Heard, RuntimeApi, Word};

/// Longer than anything here takes: whoever says nothing for so long will say nothing.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program and its environment.
#[derive(Clone)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) environment: Vec<(&'static str, String)>,
    /// What it writes, for whoever wonders why it failed.
    pub(crate) log: PathBuf,
}

/// It runs until it is dropped.
pub(crate) struct Process {
    child: Child,
    api: RuntimeApi,
    started: Instant,
    log: PathBuf,
}

impl Process {
    /// Starts the program; `event` waits for it, as the event that causes a cold start does.
    pub(crate) async fn start(program: &Program, event: &Value) -> Result<Self, Failure> {
        let api = RuntimeApi::start().await?;
        api.queue(event)?;
        let output = File::create(&program.log)?;
        let mut command = Command::new(&program.path);
        command.env_clear().envs(lambda(&api.address)).envs(program.environment.iter().cloned());
        command.stdout(output.try_clone()?).stderr(output).kill_on_drop(true);
        let started = Instant::now();
        let child = command.spawn().map_err(|why| format!("{}: {why}", program.path.display()))?;
        Ok(Self { child, api, started, log: program.log.clone() })
    }

    /// Waits until it asks for an event; tells how long after its start that was.
    pub(crate) async fn next(&mut self) -> Result<Duration, Failure> {
        match self.hear().await? {
            Heard { at, what: Word::Next } => Ok(at.duration_since(self.started)),
            Heard { .. } => Err(self.failure("answered before it asked")),
        }
    }

    /// Waits for its answer; tells how long after its start that was.
    pub(crate) async fn answer(&mut self) -> Result<(Duration, Value), Failure> {
        match self.hear().await? {
            Heard { at, what: Word::Answer(answer) } => Ok((at.duration_since(self.started), answer)),
            Heard { what: Word::Error(error), .. } => Err(self.failure(&error)),
            Heard { what: Word::Next, .. } => Err(self.failure("asked before it answered")),
        }
    }

    /// Gives it an event when it waits for one; tells how long it took to answer.
    pub(crate) async fn invoke(&mut self, event: &Value) -> Result<(Duration, Value), Failure> {
        self.next().await?;
        let given = self.started.elapsed();
        self.api.queue(event)?;
        let (answered, answer) = self.answer().await?;
        Ok((answered.saturating_sub(given), answer))
    }

    /// The most memory it has held so far, in bytes.
    pub(crate) fn peak_memory(&self) -> Result<f64, Failure> {
        let status = std::fs::read_to_string(self.proc("status")?)?;
        let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        Ok(kilobytes.ok_or("no VmHWM in /proc")?.parse::<f64>()? * 1024.0)
    }

    /// How long its threads have been on a processor. Less shaken by a busy machine than the time that passed.
    pub(crate) fn processor_time(&self) -> Result<Duration, Failure> {
        let mut nanoseconds = 0;
        for thread in std::fs::read_dir(self.proc("task")?)? {
            let text = std::fs::read_to_string(thread?.path().join("schedstat"))?;
            nanoseconds += text.split(' ').next().unwrap_or_default().parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        Ok(self.child.kill().await?)
    }

    fn proc(&self, name: &str) -> Result<String, Failure> {
        Ok(format!("/proc/{}/{name}", self.child.id().ok_or_else(|| self.failure("ended"))?))
    }

    async fn hear(&mut self) -> Result<Heard, Failure> {
        let why = tokio::select! {
            heard = self.api.hear() => return heard,
            ended = self.child.wait() => format!("ended: {}", ended?),
            () = tokio::time::sleep(PATIENCE) => format!("says nothing for {PATIENCE:?}"),
        };
        Err(self.failure(&why))
    }

    fn failure(&self, why: &str) -> Failure {
        format!("the function {why}; what it wrote is in {}", self.log.display()).into()
    }
}

/// What Lambda sets, with the log settings of template.yaml.
fn lambda(api: &str) -> [(&'static str, &str); 11] {
    [
        ("AWS_LAMBDA_RUNTIME_API", api),
        ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDBENCH"),
        ("AWS_SECRET_ACCESS_KEY", "not-a-secret"),
        ("AWS_SESSION_TOKEN", "not-a-token"),
    ]
}
