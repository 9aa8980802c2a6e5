//! Who really runs scripts.
//!
//! The model hands out [`ScriptToRun`] and takes the end back with
//! [`Fleet::finish_script`](super::Fleet::finish_script). A server passes scripts to whoever holds its news
//! ([`News::Script`](super::door::server::News)); [`Sandboxes`] runs each in the sandbox of its instance, which it moves
//! along with the story.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::ScriptToRun;
use super::door::server::Server;
use super::metadata::{Instances, serve};
use super::sandbox::Sandbox;

/// How a script ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptEnd {
    /// Its exit code.
    pub code: i64,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// How often a sandbox is moved along with its story.
const EVERY: Duration = Duration::from_millis(500);

/// The sandboxes of a served fleet, one for each instance on which a script runs. Their processes end with them.
pub struct Sandboxes {
    folder: TempDir,
    metadata: SocketAddr,
    instances: Instances,
    made: Mutex<BTreeMap<String, Arc<Sandbox>>>,
    closed: AtomicBool,
}

impl Sandboxes {
    /// Starts the metadata service that the sandboxes share.
    ///
    /// # Errors
    /// If there is no folder or no port for it.
    pub async fn start() -> io::Result<Self> {
        let instances = Instances::default();
        let (metadata, serving) = serve(instances.clone()).await?;
        tokio::spawn(serving);
        let folder = tempfile::Builder::new().prefix("launchgate-fleet-").tempdir()?;
        Ok(Self { folder, metadata, instances, made: Mutex::default(), closed: AtomicBool::new(false) })
    }

    /// Ends the scripts that run. A runtime waits for them otherwise, and they wait for their instances.
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// Runs a script in the background, and reports its end to the server.
    pub fn run(sandboxes: &Arc<Self>, server: &Arc<Server>, script: ScriptToRun) {
        let (sandboxes, server) = (Arc::clone(sandboxes), Arc::clone(server));
        tokio::task::spawn_blocking(move || {
            let end = sandboxes.run_to_the_end(&server, &script).unwrap_or_else(|error| ScriptEnd {
                code: 127,
                stdout: String::new(),
                stderr: format!("the sandbox failed: {error}\n"),
            });
            server.script_ended(&script, end);
        });
    }

    fn run_to_the_end(&self, server: &Server, script: &ScriptToRun) -> io::Result<ScriptEnd> {
        let sandbox = self.of(&script.instance)?;
        self.follow(server, script, &sandbox)?;
        if let Some(package) = &script.package {
            return distributor(&sandbox, package);
        }
        let named = |(name, value): (&String, &String)| Some((name.strip_prefix("SSM_")?.to_owned(), value.clone()));
        let parameters = script.environment.iter().filter_map(named).collect();
        let mut running = sandbox.start("sh", &script.script, &parameters)?;
        let end = Instant::now() + script.timeout;
        while running.lives()? {
            // Whoever drops it ends it, as the SSM Agent does; the fleet has gone on without it.
            if Instant::now() > end {
                return Err(io::Error::other("out of time"));
            }
            if self.closed.load(Ordering::SeqCst) {
                return Err(io::Error::other("closed"));
            }
            std::thread::sleep(EVERY);
            self.follow(server, script, &sandbox)?;
        }
        let run = running.finish()?;
        Ok(ScriptEnd { code: run.code.into(), stdout: run.stdout, stderr: run.stderr })
    }

    /// Moves the sandbox to where its story is now. An instance that is gone stays as it was.
    fn follow(&self, server: &Server, script: &ScriptToRun, sandbox: &Sandbox) -> io::Result<()> {
        let Some(host) = server.with(|fleet| fleet.host(&script.instance, fleet.now())) else { return Ok(()) };
        self.instances.set(&script.instance, &host);
        sandbox.show(&host)
    }

    fn of(&self, instance: &str) -> io::Result<Arc<Sandbox>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sandbox) = made.get(instance) {
            return Ok(Arc::clone(sandbox));
        }
        let url = format!("http://{}/{instance}", self.metadata);
        let sandbox = Arc::new(Sandbox::new(&self.folder.path().join(instance), &url)?);
        made.insert(instance.to_owned(), Arc::clone(&sandbox));
        Ok(sandbox)
    }
}

/// `aws:configurePackage` in a sandbox.
fn distributor(_: &Sandbox, package: &str) -> io::Result<ScriptEnd> {
    let stderr = format!("{package}: this sandbox has no package manager\n");
    Ok(ScriptEnd { code: 1, stdout: String::new(), stderr })
}
