//! The local stack: `sam deploy` deploys `template.yaml` into ministack, with the release binaries of `make build` as
//! its functions. Ministack has no Auto Scaling, Systems Manager and CodeDeploy; for these the SDK's own endpoint
//! variables point to the fleet.
//!
//! Several stacks can run at the same time. Each has its own port, folder and process group.

mod api;
mod error;
pub mod files;
pub mod instance;
mod log;
pub mod pattern;
mod server;
pub mod template;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rustix::process::Signal;
use serde_json::Value;
use tokio::process::Command;

use crate::fleet::door::put_events::EventBus;

pub use error::StackError;
pub use log::LogEvent;
use server::{Server, point_to_fleet};

/// As in samconfig.toml.
const STACK_NAME: &str = "launchgate";

/// A deployed stack. Dropping it ends the server and everything that the server started.
#[derive(Debug)]
pub struct LocalStack {
    server: Server,
    outputs: BTreeMap<String, String>,
}

impl LocalStack {
    /// Starts the server; `fleet` is the URL that Auto Scaling, Systems Manager and CodeDeploy answer at.
    ///
    /// # Errors
    /// When `.venv` is not there, or the server does not answer in time; the error shows the end of its log.
    pub async fn start(fleet: &str) -> Result<Self, StackError> {
        Self::start_server(fleet, false).await
    }

    /// The same, where roles may do what their policies allow and nothing else.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_with_permissions(fleet: &str) -> Result<Self, StackError> {
        Self::start_server(fleet, true).await
    }

    async fn start_server(fleet: &str, enforces: bool) -> Result<Self, StackError> {
        let server = Server::start(fleet, enforces).await?;
        Ok(Self { server, outputs: BTreeMap::new() })
    }

    /// Deploys what was [`built`], as a user would, with these template parameters; again updates it.
    ///
    /// # Errors
    /// When nothing is built, or `sam deploy` fails; the error shows what it printed.
    pub async fn deploy(&mut self, parameters: &[(&str, &str)]) -> Result<(), StackError> {
        let template = built().join("template.yaml");
        if !template.exists() {
            return Err(StackError::NotBuilt(template));
        }
        let mut sam = self.tool("sam");
        sam.args(["deploy", "--no-confirm-changeset", "--no-progressbar", "--template-file"])
            .arg(template)
            .arg("--config-file") // otherwise it is looked for beside the template
            .arg(repository().join("samconfig.toml"));
        if !parameters.is_empty() {
            let overrides = parameters.iter().map(|(name, value)| format!("{name}={value}"));
            sam.arg("--parameter-overrides").args(overrides);
        }
        self.run(sam).await?;
        self.outputs = self.read_outputs().await?;
        Ok(())
    }

    /// An output of the deployed stack.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<&str> {
        self.outputs.get(name).map(String::as_str)
    }

    /// The URL of the server: `EventBridge`, `SQS`, `CloudWatch` Logs and the rest.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        self.server.endpoint()
    }

    /// A folder that goes with the server.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.server.folder()
    }

    /// Publishes events as their services would: each is a whole event, as in `events/`.
    /// The server gives each an id and a time of its own, as `PutEvents` does with events of one's own.
    ///
    /// # Errors
    /// When the server refuses one.
    pub async fn put_events(&self, events: &[Value]) -> Result<(), StackError> {
        Ok(EventBus::at(self.endpoint()).put(events).await?)
    }

    /// Puts a message into the launch queue as it is: what does not come through `EventBridge`, and what never should.
    ///
    /// # Errors
    /// When the stack is not deployed or the server does not answer.
    pub async fn send_message(&self, body: &str) -> Result<(), StackError> {
        let queue = self.output("LaunchQueueUrl").ok_or(StackError::NotDeployed)?;
        api::send_message(self.endpoint(), queue, body).await
    }

    /// One call of SQS, by its name and its members.
    ///
    /// # Errors
    /// When the server refuses it or does not answer.
    pub async fn sqs(&self, operation: &'static str, members: &Value) -> Result<Value, StackError> {
        api::call(self.endpoint(), operation, members).await
    }

    /// Kills the processes of all functions, as a crash would; how many there were.
    #[must_use]
    pub fn kill_functions(&self) -> usize {
        self.server.signal_functions(Signal::KILL)
    }

    /// Stops the processes of all functions where they are, as code that hangs would; how many there were.
    #[must_use]
    pub fn freeze_functions(&self) -> usize {
        self.server.signal_functions(Signal::STOP)
    }

    /// Everything the function has written so far, oldest first, without Lambda's own START, END and REPORT lines.
    /// A line shows up when its invocation has ended.
    ///
    /// # Errors
    /// When the stack is not deployed or the server does not answer.
    pub async fn log_lines(&self) -> Result<Vec<String>, StackError> {
        let own = self.events_of("LaunchGate").await?.into_iter().filter(|event| !event.is_lambdas_own());
        Ok(own.map(|event| event.message).collect())
    }

    /// Everything in the logs of launch-gate and validate-service, with Lambda's own lines, oldest first.
    ///
    /// # Errors
    /// As [`Self::log_lines`].
    pub async fn log_events(&self) -> Result<Vec<LogEvent>, StackError> {
        let mut events = self.events_of("LaunchGate").await?;
        events.extend(self.events_of("ValidateService").await?);
        events.sort_by_key(|event| event.timestamp);
        Ok(events)
    }

    async fn events_of(&self, function: &str) -> Result<Vec<LogEvent>, StackError> {
        let group = self.output(&format!("{function}LogGroup")).ok_or(StackError::NotDeployed)?;
        api::log_events(self.endpoint(), function, group).await
    }

    /// One of the tools in `.venv`, pointed at this server, with nothing of the caller's environment.
    /// `aws sqs` does not heed the environment: it needs `--endpoint-url` as well, or it asks AWS.
    #[must_use]
    pub fn tool(&self, name: &str) -> Command {
        self.command(&repository().join(".venv/bin").join(name))
    }

    /// Lines of a shell after which its AWS CLI calls this stack, and the fleet at this URL.
    #[must_use]
    pub fn tell_variables(&self, fleet: &str) -> String {
        let own = self.server.client_environment().into_iter().filter(|(name, _)| name.starts_with("AWS_"));
        let all = own.map(|(name, value)| (name.to_owned(), value)).chain(point_to_fleet(fleet));
        let exports = all.map(|(name, value)| format!("export {name}='{value}'"));
        let path = format!("export PATH='{}':\"$PATH\"", repository().join(".venv/bin").display());
        let lines = exports.chain([path, "unset AWS_PROFILE".to_owned(), String::new()]);
        lines.collect::<Vec<_>>().join("\n")
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.server.client_environment()).kill_on_drop(true);
        command
    }

    async fn read_outputs(&self) -> Result<BTreeMap<String, String>, StackError> {
        let mut aws = self.tool("aws");
        aws.args(["cloudformation", "describe-stacks", "--output", "json", "--stack-name", STACK_NAME]);
        let answer: Value = serde_json::from_str(&self.run(aws).await?).unwrap_or_default();
        let outputs = answer.pointer("/Stacks/0/Outputs").and_then(Value::as_array);
        let pair = |output: &Value| {
            let text = |key| Some(output.get(key)?.as_str()?.to_owned());
            Some((text("OutputKey")?, text("OutputValue")?))
        };
        Ok(outputs.into_iter().flatten().filter_map(pair).collect())
    }

    async fn run(&self, mut command: Command) -> Result<String, StackError> {
        let said = command.output().await.map_err(|source| StackError::Tool { source })?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if said.status.success() {
            return Ok(text(&said.stdout));
        }
        let output = text(&said.stdout) + &text(&said.stderr);
        Err(StackError::Failed { command: format!("{:?}", command.as_std()), output, log: self.server.log_tail() })
    }
}

/// The folder with the built functions and their template: what `make build` built, or what the variable `BUILT` names.
#[must_use]
pub fn built() -> PathBuf {
    repository().join(std::env::var_os("BUILT").unwrap_or_else(|| ".aws-sam/build".into()))
}

/// The root of this repository.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
