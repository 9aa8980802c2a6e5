//! The server process: `launcher.py` on a free loopback port, in a folder and a process group of its own.

use std::fs::{self, File};
use std::io;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::{StackError, repository};

/// It takes about a second; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

const LOG_TAIL: usize = 30;

#[derive(Debug)]
pub(super) struct Server {
    process: Child,
    port: u16,
    endpoint: String,
    folder: TempDir,
}

impl Server {
    pub(super) async fn start(fleet: &str, enforces: bool) -> Result<Self, StackError> {
        let mut server = Self::spawn(fleet, enforces).map_err(|source| StackError::Tool { source })?;
        let end = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", server.port)).await.is_err() {
            let gone = server.process.try_wait().is_ok_and(|ended| ended.is_some());
            if gone || Instant::now() > end {
                return Err(StackError::Silent { endpoint: server.endpoint.clone(), log: server.log_tail() });
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(server)
    }

    fn spawn(fleet: &str, enforces: bool) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("launchgate-stack-").tempdir()?;
        let port = free_port()?;
        let endpoint = format!("http://127.0.0.1:{port}");
        let log = File::create(folder.path().join("log"))?;
        let process = Command::new(repository().join(".venv/bin/python"))
            .arg(repository().join("tests/stack/launcher.py"))
            .env_clear() // ministack hands its whole environment on to the functions
            .envs(environment(&folder, &endpoint))
            .envs([("BIND_HOST", "127.0.0.1"), ("IOT_MTLS_ENABLED", "0")])
            .env("AUTH", enforces.to_string())
            // Lambda sets these two itself when the function's LoggingConfig says JSON; ministack does not.
            .envs([("AWS_LAMBDA_LOG_FORMAT", "JSON"), ("AWS_LAMBDA_LOG_LEVEL", "INFO")])
            .env("GATEWAY_PORT", port.to_string())
            .envs(std::env::var_os("RUNNER").map(|runner| ("RUNNER", runner)))
            .envs(point_to_fleet(fleet))
            .stdin(Stdio::piped()) // the launcher ends when this closes, even if nobody lives to call `drop`
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()?;
        Ok(Self { process, port, endpoint, folder })
    }

    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn client_environment(&self) -> Vec<(&'static str, String)> {
        environment(&self.folder, &self.endpoint)
    }

    /// Sends this signal to every process whose program lies in this server's folder: the functions. In emulation the
    /// program is an argument of the emulator.
    pub(super) fn signal_functions(&self, signal: Signal) -> usize {
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = processes.filter_map(|process| {
            let command = fs::read_to_string(process.path().join("cmdline")).ok()?;
            let mut words = command.split('\0').map(Path::new);
            let ours = words.any(|word| word.starts_with(self.folder.path()) && word.ends_with("bootstrap"));
            Pid::from_raw(process.file_name().to_str()?.parse().ok()?).filter(|_| ours)
        });
        pids.filter(|pid| kill_process(*pid, signal).is_ok()).count()
    }

    pub(super) fn log_tail(&self) -> String {
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines.get(lines.len().saturating_sub(LOG_TAIL)..).unwrap_or_default().join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone_already = kill_process_group(Pid::from_child(&self.process), Signal::KILL);
        let _reaped = self.process.wait();
    }
}

/// The kernel does not hand the same port out again soon, so it is still free when the server binds it.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// The variables that point an SDK to the fleet at this URL.
pub(super) fn point_to_fleet(fleet: &str) -> [(String, String); 3] {
    ["AUTO_SCALING", "SSM", "CODEDEPLOY"].map(|service| (format!("AWS_ENDPOINT_URL_{service}"), fleet.to_owned()))
}

fn environment(folder: &TempDir, endpoint: &str) -> Vec<(&'static str, String)> {
    let folder = folder.path().display().to_string();
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", repository().join(".venv/bin").display());
    vec![
        ("PATH", path),
        ("HOME", folder.clone()),
        ("TMPDIR", folder.clone()),
        ("S3_DATA_DIR", folder),
        ("PYTHONUNBUFFERED", "1".into()),
        ("SAM_CLI_TELEMETRY", "0".into()),
        ("AWS_ENDPOINT_URL", endpoint.into()),
        ("AWS_DEFAULT_REGION", "us-east-1".into()),
        ("AWS_ACCESS_KEY_ID", "test".into()),
        ("AWS_SECRET_ACCESS_KEY", "test".into()),
        ("AWS_EC2_METADATA_DISABLED", "true".into()),
    ]
}
