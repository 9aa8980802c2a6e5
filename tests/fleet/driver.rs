//! Runs the scripts that the model hands out.
//!
//! The model hands out a [`ScriptToRun`] and takes its end back with
//! [`Fleet::finish_script`](super::Fleet::finish_script). A server passes scripts to the owner of its news
//! ([`News::Script`](super::door::server::News)). [`Sandboxes`] runs each script in the sandbox of its instance, and
//! changes the sandbox as the story goes on.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::door::server::Server;
use super::metadata::{Instances, serve};
use super::sandbox::{Sandbox, Transaction};
use super::{ScriptEnd, ScriptToRun};

/// How often a sandbox is moved along with its story.
const EVERY: Duration = Duration::from_millis(500);

/// The sandboxes of a served fleet, one for each instance on which a script runs. Their processes end with them.
pub struct Sandboxes {
    folder: TempDir,
    metadata: SocketAddr,
    instances: Instances,
    made: Mutex<BTreeMap<String, Arc<Made>>>,
    closed: AtomicBool,
}

/// The sandbox of one instance.
struct Made {
    sandbox: Sandbox,
    /// Whether packages are real in it.
    packages: bool,
    /// Who holds the package lock of the story.
    lock: Mutex<Option<Transaction>>,
}

impl Made {
    /// Where packages are real, so is their lock.
    fn hold(&self, held: bool) -> io::Result<()> {
        let mut lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        match lock.take() {
            None if held && self.packages => *lock = Some(self.sandbox.hold_package_lock()?),
            Some(transaction) if !held => transaction.release()?,
            same => *lock = same,
        }
        Ok(())
    }

    /// `aws:configurePackage`: the agent's package, from where the sandbox has its packages.
    fn distributor(&self, package: &str) -> io::Result<ScriptEnd> {
        if !self.packages {
            let stderr = format!("{package}: this sandbox has no package manager\n");
            return Ok(ScriptEnd { code: 1, stdout: String::new(), stderr });
        }
        let run = self.sandbox.run(DISTRIBUTOR, &BTreeMap::new())?;
        Ok(ScriptEnd { code: i64::from(run.code != 0), stdout: run.stdout, stderr: run.stderr })
    }
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
        let made = self.of(server, &script.instance)?;
        self.follow(server, script, &made)?;
        if let Some(package) = &script.package {
            return made.distributor(package);
        }
        let named = |(name, value): (&String, &String)| Some((name.strip_prefix("SSM_")?.to_owned(), value.clone()));
        let parameters = script.environment.iter().filter_map(named).collect();
        let mut running = made.sandbox.start("sh", &script.script, &parameters)?;
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
            self.follow(server, script, &made)?;
        }
        let run = running.finish()?;
        Ok(ScriptEnd { code: run.code.into(), stdout: run.stdout, stderr: run.stderr })
    }

    /// Moves the sandbox to where its story is now. An instance that is gone stays as it was.
    fn follow(&self, server: &Server, script: &ScriptToRun, made: &Made) -> io::Result<()> {
        let Some(host) = server.with(|fleet| fleet.host(&script.instance, fleet.now())) else { return Ok(()) };
        self.instances.set(&script.instance, &host);
        made.hold(host.package_lock.is_some())?;
        made.sandbox.show(&host)
    }

    fn of(&self, server: &Server, instance: &str) -> io::Result<Arc<Made>> {
        let story = server.with(|fleet| fleet.story(instance));
        let family = story.as_ref().and_then(|story| story.package_manager);
        let region = story.is_some_and(|story| story.region());
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = made.get(instance) {
            return Ok(Arc::clone(made));
        }
        let url = format!("http://{}/{instance}", self.metadata);
        let sandbox = Sandbox::new(&self.folder.path().join(instance), &url)?;
        if let Some(family) = family {
            sandbox.add_package_manager(family)?;
            sandbox.region_has(region.then_some(Sandbox::installer()))?;
        }
        let new = Arc::new(Made { sandbox, packages: family.is_some(), lock: Mutex::default() });
        made.insert(instance.to_owned(), Arc::clone(&new));
        Ok(new)
    }
}

/// Into a file, since the agent that the package starts keeps what it inherits.
const DISTRIBUTOR: &str = r#"
told=$(mktemp) || exit 1
manager=$(command -v dnf || command -v apt-get)
"$manager" -y install codedeploy-agent >"$told" 2>&1 </dev/null
code=$?
cat "$told"
rm -f "$told"
exit "$code"
"#;
