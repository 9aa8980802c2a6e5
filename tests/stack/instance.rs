//! Runs the scripts of a revision as an instance of the account does, with the credentials of its role.

use std::ffi::OsStr;
use std::process::Output;

use serde_json::{Value, json};
use tokio::process::Command;

use super::{LocalStack, StackError, repository};

/// The role of all instances here.
const ROLE: &str = "instance";
const ROLE_ARN: &str = "arn:aws:iam::000000000000:role/instance";

/// A script of `examples/app` that is to run on an instance.
pub struct InstanceScript {
    assume: Command,
    script: Command,
}

/// How a script ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptTold {
    /// Its exit code; -1 if a signal ended it.
    pub code: i32,
    /// What it printed to standard output.
    pub stdout: String,
    /// What it printed to standard error.
    pub stderr: String,
}

impl LocalStack {
    /// Creates the role of the instances, which may do nothing yet.
    ///
    /// # Errors
    /// With what the AWS CLI printed.
    pub async fn create_instance_role(&self) -> Result<(), StackError> {
        let who = json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"});
        let trust = json!({"Version": "2012-10-17", "Statement": [who]}).to_string();
        let mut aws = self.tool("aws");
        aws.args(["iam", "create-role", "--role-name", ROLE, "--assume-role-policy-document", &trust]);
        self.run(aws).await.map(drop)
    }

    /// Gives the role of the instances the policy that the stack exports for them.
    ///
    /// # Errors
    /// With what the AWS CLI printed.
    pub async fn permit_instances(&self) -> Result<(), StackError> {
        let policy = self.output("InvokeValidateServicePolicy").ok_or(StackError::NotDeployed)?;
        let mut aws = self.tool("aws");
        aws.args(["iam", "attach-role-policy", "--role-name", ROLE, "--policy-arn", policy]);
        self.run(aws).await.map(drop)
    }

    /// A script of the example application on an instance, whose session is named after it, as on EC2.
    #[must_use]
    pub fn instance_script(&self, name: &str, instance: &str) -> InstanceScript {
        let mut assume = self.tool("aws");
        assume.args([
            "sts",
            "assume-role",
            "--role-arn",
            ROLE_ARN,
            "--role-session-name",
            instance,
            "--output",
            "json",
        ]);
        let script = self.command(&repository().join("examples/app/scripts").join(name));
        InstanceScript { assume, script }
    }
}

impl InstanceScript {
    /// Leaves the script without what only a shell of ours has: on an instance nobody tells the CLI its Region.
    #[must_use]
    pub fn without_region(mut self) -> Self {
        self.script.env_remove("AWS_DEFAULT_REGION");
        self
    }

    /// Lets the script of `ValidateService` ask for this long only.
    #[must_use]
    pub fn with_patience(mut self, seconds: u32) -> Self {
        self.script.env("LAUNCHGATE_PATIENCE", seconds.to_string());
        self
    }

    /// Leaves the script only these programs.
    #[must_use]
    pub fn with_path(mut self, path: impl AsRef<OsStr>) -> Self {
        self.script.env("PATH", path);
        self
    }

    /// Runs it, as the agent does for a lifecycle event.
    ///
    /// # Errors
    /// When there are no credentials, or the script cannot be started.
    pub async fn run(mut self, deployment: &str, lifecycle_event: &str) -> Result<ScriptTold, StackError> {
        let session = output(&mut self.assume).await?;
        let session: Value = serde_json::from_slice(&session.stdout).unwrap_or_default();
        for (name, key) in [
            ("AWS_ACCESS_KEY_ID", "AccessKeyId"),
            ("AWS_SECRET_ACCESS_KEY", "SecretAccessKey"),
            ("AWS_SESSION_TOKEN", "SessionToken"),
        ] {
            let secret = session.pointer(&format!("/Credentials/{key}")).and_then(Value::as_str);
            self.script.env(name, secret.unwrap_or_default());
        }
        self.script.envs([("DEPLOYMENT_ID", deployment), ("LIFECYCLE_EVENT", lifecycle_event)]);
        let ended = output(&mut self.script).await?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&ended.stdout), text(&ended.stderr));
        Ok(ScriptTold { code: ended.status.code().unwrap_or(-1), stdout, stderr })
    }
}

async fn output(command: &mut Command) -> Result<Output, StackError> {
    command.output().await.map_err(|source| StackError::Tool { source })
}
