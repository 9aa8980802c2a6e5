//! Starts a command on an instance as the SSM Agent does (aws-facts 17).
//!
//! A worker runs one step after the other. For a script it starts `sh -c PATH/_script.sh` in a process group of its own,
//! in /usr/bin, with an empty standard input and systemd's environment, in which HOME and USER are not set.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::run::Running;
use super::{Sandbox, Shown};
use crate::fleet::endpoints::CLOSED_PORT;

/// systemd's, for a service that names none.
pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The program of the worker, in the sandbox's folder.
pub(super) const WORKER: &str = "ssm-document-worker";

/// One step of a command.
#[derive(Clone, Debug)]
pub enum Step {
    /// aws:runShellScript.
    Script(String),
    /// aws:configurePackage; the text does what Distributor would.
    Package(String),
}

/// A command as the agent is sent it, and how the agent runs it.
#[derive(Clone, Debug)]
pub struct SsmCommand<'a> {
    /// What /bin/sh is on the instance: a command of this machine and its options.
    pub shell: &'a str,
    /// What runs, one after the other.
    pub steps: Vec<Step>,
    /// The values of the document's parameters.
    pub parameters: &'a BTreeMap<String, String>,
    /// Whether the agent is older than 3.3.2746.0: it pastes the values into the scripts and exports none.
    pub pastes: bool,
}

impl Sandbox {
    /// Starts a command, and leaves it running.
    ///
    /// # Errors
    /// It could not be started.
    pub fn start_command(&self, command: &SsmCommand<'_>) -> io::Result<Running> {
        static COMMANDS: AtomicUsize = AtomicUsize::new(0);
        let number = COMMANDS.fetch_add(1, Ordering::Relaxed);
        let id = format!("{:08x}-0000-4000-8000-{number:012x}", process::id());
        let shell = self.shell(command.shell)?;
        let folder = self.dir.join("commands").join(&id);
        let steps = command.steps.iter().enumerate().map(|(place, step)| {
            let folder = folder.join(place.to_string());
            write(&folder, &with_values(step, command), &shell.sh).map(|()| folder)
        });
        let steps = steps.collect::<io::Result<Vec<PathBuf>>>()?;
        let mut worker = Command::new("/usr/bin/perl");
        worker.arg0("/usr/bin/ssm-document-worker").arg(self.dir.join(WORKER)).arg(&shell.sh).env_clear();
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        worker.envs(self.environment(&shown)).env("SSM_COMMAND_ID", &id);
        if !command.pastes {
            worker.envs(command.parameters.iter().map(|(name, value)| (format!("SSM_{name}"), value)));
        }
        if !shell.libraries.is_empty() {
            worker.env("LD_LIBRARY_PATH", &shell.libraries);
        }
        drop(shown);
        Running::start(worker, id, steps)
    }

    fn environment(&self, shown: &Shown) -> Vec<(&'static str, String)> {
        let closed = format!("http://127.0.0.1:{CLOSED_PORT}");
        let metadata = if shown.metadata_blocked { closed } else { self.metadata_url.clone() };
        let text = |path: &Path| path.display().to_string();
        let system = if shown.without.is_empty() { PATH.to_owned() } else { text(&self.dir.join("system")) };
        vec![
            ("PATH", format!("{}:{system}", text(&self.dir.join("bin")))),
            ("AWS_SSM_INSTANCE_ID", "i-0a1b2c3d4e5f60718".to_owned()),
            ("AWS_SSM_PLATFORM_NAME", "Amazon Linux".to_owned()),
            ("AWS_SSM_PLATFORM_VERSION", "2023".to_owned()),
            ("AWS_SSM_REGION_NAME", "us-east-1".to_owned()),
            ("LAUNCHGATE_ROOT", text(&self.root())),
            ("LAUNCHGATE_METADATA", metadata),
            ("CURL_CA_BUNDLE", text(&self.dir.join("trusted.pem"))),
            ("WGETRC", text(&self.dir.join("wgetrc"))),
        ]
    }

    /// Makes the commands of this machine's system the instance's.
    pub(super) fn link_system(&self) -> io::Result<()> {
        let system = self.dir.join("system");
        fs::create_dir_all(&system)?;
        for folder in PATH.split(':').filter(|folder| Path::new(folder).exists()) {
            for command in fs::read_dir(folder)? {
                let command = command?;
                let link = system.join(command.file_name());
                if link.symlink_metadata().is_err() {
                    symlink(command.path(), link)?;
                }
            }
        }
        Ok(())
    }

    /// Makes this shell the instance's sh. A shell takes what it is called for its mode: bash is then a POSIX shell.
    fn shell(&self, words: &str) -> io::Result<Shell> {
        let Asked { program, libraries } = ask(words)?;
        let name = program.file_name().unwrap_or_default();
        let folder = self.dir.join("shells").join(name);
        fs::create_dir_all(&folder)?;
        let sh = folder.join("sh");
        match symlink(&program, &sh) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(Shell { sh, libraries }),
        }
    }
}

struct Shell {
    sh: PathBuf,
    libraries: String,
}

#[derive(Clone)]
struct Asked {
    program: PathBuf,
    libraries: String,
}

/// Which program a shell is, and where it has its libraries: a busybox that `make setup` unpacked is behind a script.
fn ask(words: &str) -> io::Result<Asked> {
    static KNOWN: Mutex<BTreeMap<String, Asked>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(asked) = known.get(words) {
        return Ok(asked.clone());
    }
    let question = "readlink /proc/$$/exe; echo \"${LD_LIBRARY_PATH-}\"";
    let said = Command::new("env").args(words.split_whitespace()).args(["-c", question]).output()?.stdout;
    let said = String::from_utf8_lossy(&said).into_owned();
    let mut lines = said.lines();
    let (Some(program), Some(libraries)) = (lines.next(), lines.next()) else {
        return Err(io::Error::other(format!("{words} is not a shell of this machine")));
    };
    let asked = Asked { program: program.into(), libraries: libraries.to_owned() };
    known.insert(words.to_owned(), asked.clone());
    Ok(asked)
}

fn with_values(step: &Step, command: &SsmCommand<'_>) -> Step {
    let Step::Script(script) = step else { return step.clone() };
    if !command.pastes {
        return step.clone();
    }
    let paste = |text: String, (name, value): (&String, &String)| text.replace(&format!("{{{{ {name} }}}}"), value);
    Step::Script(command.parameters.iter().fold(script.clone(), paste))
}

/// A script that begins with `#!/bin/sh` is for the shell that the instance has there.
fn write(folder: &Path, step: &Step, sh: &Path) -> io::Result<()> {
    let (name, text) = match step {
        Step::Script(text) => ("_script.sh", text),
        Step::Package(text) => ("package.sh", text),
    };
    let text = match text.strip_prefix("#!/bin/sh\n") {
        Some(rest) => format!("#!{}\n{rest}", sh.display()),
        None => text.clone(),
    };
    fs::create_dir_all(folder)?;
    let mut file = fs::OpenOptions::new();
    let mut file = file.write(true).create_new(true).mode(0o700).open(folder.join(name))?;
    io::Write::write_all(&mut file, text.as_bytes())
}
