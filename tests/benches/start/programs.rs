//! The programs that are measured: the function that `make build` left, and the hello-world, which is built here.

use std::path::{Path, PathBuf};
use std::process::Command;

use launchgate_tests::stack::repository;

use crate::Failure;
use crate::endpoint::{Endpoint, Urls};
use crate::process::Program;

pub(crate) struct Programs {
    pub(crate) hello: Program,
    pub(crate) over_http: Program,
    pub(crate) over_https: Program,
}

impl Programs {
    pub(crate) fn find(folder: &Path, endpoint: &Endpoint) -> Result<Self, Failure> {
        let gate = repository().join(".aws-sam/build/LaunchGate/bootstrap");
        if !gate.exists() {
            return Err(format!("{} is missing: run make build", gate.display()).into());
        }
        let mut over_https = launch_gate(&gate, &endpoint.https, folder.join("launch-gate-https.log"));
        over_https.environment.push(("SSL_CERT_FILE", bundle(folder).display().to_string()));
        Ok(Self {
            hello: Program { path: hello()?, environment: Vec::new(), log: folder.join("hello.log") },
            over_http: launch_gate(&gate, &endpoint.http, folder.join("launch-gate-http.log")),
            over_https,
        })
    }
}

/// With the environment that template.yaml gives it.
fn launch_gate(path: &Path, endpoint: &Urls, log: PathBuf) -> Program {
    let environment = vec![
        ("HOOK_NAME", "launchgate".to_owned()),
        ("READINESS_DOCUMENT", "launchgate-ReadinessDocument".to_owned()),
        ("DEFAULT_POLICY", String::new()),
        ("TICK_SECONDS", "30".to_owned()),
        ("QUEUE_URL", format!("{}/launches", endpoint.queue)),
        ("AWS_ENDPOINT_URL_SQS", endpoint.queue.clone()),
        ("AWS_ENDPOINT_URL_SSM", endpoint.aws.clone()),
        ("AWS_ENDPOINT_URL_AUTO_SCALING", endpoint.aws.clone()),
    ];
    Program { path: path.to_owned(), environment, log }
}

fn hello() -> Result<PathBuf, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--release", "--package", "launchgate-hello"]).current_dir(repository());
    if build.status()?.success() { Ok(target()?.join("release/hello")) } else { Err("hello was not built".into()) }
}

/// `target/bench`, with the report and what the functions write.
pub(crate) fn output_folder() -> Result<PathBuf, Failure> {
    let folder = target()?.join("bench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The roots that the function trusts, as a file.
pub(crate) fn bundle(folder: &Path) -> PathBuf {
    folder.join("roots.pem")
}

/// Cargo's target folder, wherever it is: this program lies in its `release/deps`.
fn target() -> Result<PathBuf, Failure> {
    let program = std::env::current_exe()?;
    Ok(program.ancestors().nth(3).ok_or("this program is not in a target folder")?.to_owned())
}
