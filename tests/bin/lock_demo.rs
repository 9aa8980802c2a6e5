//! Boots two instances while another transaction holds the package lock: one with the user data that everybody writes,
//! one with Launchgate's install document. The lock, rpm and its messages are real; each instance is a directory. The
//! exit code is 0 only if the first instance failed because of the lock and the second became ready.

#![expect(clippy::print_stdout, reason = "it is a program for people to watch")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, Instant};

use launchgate_tests::fleet::host::{Agent, AgentState, Host};
use launchgate_tests::fleet::metadata::{self, Instances};
use launchgate_tests::fleet::sandbox::{Family, Running, Sandbox, Transaction};
use launchgate_tests::stack::repository;
use serde_json::Value;
use tempfile::TempDir;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const LASTS: Duration = Duration::from_secs(6);
const COLUMN: usize = 38;

/// As in the report that Launchgate comes from: no wait, and nobody looks at what failed.
const USER_DATA: &str = "set -x
dnf -y install java ruby
dnf -y install codedeploy-agent
systemctl is-active codedeploy-agent";

/// As the SSM Agent does: step after step, until one ends with 168 or 169. Distributor is never needed.
const STEPS: &str = "sh ./prepare
code=$?
case $code in 168 | 169) exit $code ;; esac
sh ./mend";

/// One instance, what it runs, and how much of its words was shown.
struct Side {
    sandbox: Sandbox,
    dir: TempDir,
    running: Running,
    held: Option<Transaction>,
    code: Option<i32>,
    shown: usize,
    words: Vec<String>,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let instances = Instances::default();
    let (address, serving) = metadata::serve(instances.clone()).await?;
    tokio::spawn(serving);
    tokio::task::spawn_blocking(move || play(&format!("http://{address}"), &instances)).await?
}

fn play(metadata: &str, instances: &Instances) -> Result<ExitCode> {
    let mut sides = [start("i-1", USER_DATA, metadata, instances)?, start("i-2", STEPS, metadata, instances)?];
    println!("{:COLUMN$} | Launchgate", "user data that does not wait");
    println!("{:-<COLUMN$}-+-{:-<COLUMN$}", "", "");
    let began = Instant::now();
    while sides.iter().any(|side| side.code.is_none()) {
        sleep(Duration::from_millis(100));
        for (side, right) in sides.iter_mut().zip([false, true]) {
            let ended = !side.running.lives()?;
            side.show(right);
            if ended && side.code.is_none() {
                side.code = Some(side.running.finish()?.code);
            }
            if began.elapsed() > LASTS {
                side.held.take().map_or(Ok(()), Transaction::release)?;
            }
        }
    }
    verdict(&sides)
}

fn start(id: &str, script: &str, metadata: &str, instances: &Instances) -> Result<Side> {
    let dir = tempfile::tempdir()?;
    let sandbox = Sandbox::new(dir.path(), &format!("{metadata}/{id}"))?;
    let host = Host { agent: Agent { generation: 2, state: AgentState::Missing }, ..Host::healthy(2) };
    instances.set(id, &host);
    sandbox.add_package_manager(Family::Rpm)?;
    sandbox.region_has(Some(Sandbox::installer()))?;
    sandbox.show(&host)?;
    let document: Value =
        serde_yaml_ng::from_str(&fs::read_to_string(repository().join("documents/install-agent.yaml"))?)?;
    for (name, place) in [("prepare", "/mainSteps/0/inputs/runCommand/0"), ("mend", "/mainSteps/2/inputs/runCommand/0")]
    {
        let script = document.pointer(place).and_then(Value::as_str).ok_or("the document has other steps")?;
        fs::write(dir.path().join(name), script)?;
    }
    let held = Some(sandbox.hold_package_lock()?);
    let given = [("waitSeconds", "120"), ("agent", "required"), ("packages", "java ruby")];
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let script = format!("cd '{}'\nexec >words 2>&1\n{script}\nexit $?\n", dir.path().display());
    let running = sandbox.start("sh", &script, &BTreeMap::from(given))?;
    Ok(Side { sandbox, dir, running, held, code: None, shown: 0, words: Vec::new() })
}

impl Side {
    /// Prints what is new, in its column.
    fn show(&mut self, right: bool) {
        let text = fs::read_to_string(self.dir.path().join("words")).unwrap_or_default();
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        for line in text.get(self.shown..whole).unwrap_or_default().lines() {
            let line = self.short(line);
            for part in wrapped(&line) {
                if right {
                    println!("{:COLUMN$} | {part}", "");
                } else {
                    println!("{part:COLUMN$} |");
                }
            }
            self.words.push(line);
        }
        self.shown = whole;
    }

    /// Without the places that only this demonstration has.
    fn short(&self, line: &str) -> String {
        line.replace(&format!("--root {} ", self.sandbox.root().display()), "")
            .replace(&self.sandbox.root().display().to_string(), "")
            .replace(&self.dir.path().display().to_string(), "")
    }

    /// How many of the three are missing, in the knowledge of its rpm.
    fn missing(&self) -> Result<i32> {
        Ok(self.sandbox.run("exec rpm -q java ruby codedeploy-agent", &BTreeMap::new())?.code)
    }

    fn says(&self, text: &str) -> bool {
        self.words.iter().any(|line| line.contains(text))
    }
}

/// Breaks between two words, and a word only where it is longer than the column.
fn wrapped(line: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for word in line.split(' ') {
        match parts.last_mut() {
            Some(last) if last.len() + 1 + word.len() <= COLUMN => *last = format!("{last} {word}"),
            _ => {
                let letters: Vec<char> = word.chars().collect();
                parts.extend(letters.chunks(COLUMN).map(|part| part.iter().collect::<String>()));
            }
        }
    }
    parts
}

fn verdict([naive, ours]: &[Side; 2]) -> Result<ExitCode> {
    let lost = naive.code != Some(0) && naive.missing()? == 3 && naive.says("can't create transaction lock");
    let ready = ours.code == Some(168) && ours.missing()? == 0 && ours.says("\"ready\":true");
    let lost_words = if lost { "failed: rpm did not get its lock; no java, no ruby, no agent" } else { "did not fail" };
    let ready_words = if ready { "ready: told who held the lock, waited, installed all three" } else { "is not ready" };
    println!("\nuser data:  {lost_words}\nLaunchgate: {ready_words}");
    Ok(if lost && ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
