//! What only the tests of the install document need: an instance with a package manager, and a run of all steps.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use launchgate_tests::fleet::host::AgentState;
use launchgate_tests::fleet::sandbox::{Family, Run, Running};

use crate::stand::documents::{parameters, script};
use crate::stand::threads::until;
use crate::stand::{Instance, Report, with_agent};

/// A run of all steps of the document, in a process of its own as under the SSM Agent.
pub(super) struct Steps {
    pub(super) running: Running,
    told: PathBuf,
}

/// An instance with nothing wrong but its agent; neither the Region nor Distributor has one for it.
pub(super) fn instance(family: Family, state: AgentState) -> Instance {
    instance_of(2, family, state)
}

/// The same with an agent of this generation.
pub(super) fn instance_of(generation: u8, family: Family, state: AgentState) -> Instance {
    let instance = Instance::new(&with_agent(generation, state), Some(family));
    instance.distributor("echo 'failed to retrieve package document description: InvalidDocument' >&2; exit 1");
    for step in ["prepare", "mend"] {
        fs::write(instance.path(step), script("install-agent", step)).unwrap();
    }
    instance
}

impl Instance {
    /// What the step aws:configurePackage does.
    pub(super) fn distributor(&self, script: &str) {
        fs::write(self.path("distributor"), script).unwrap();
    }

    pub(super) fn distributor_knows_the_agent(&self) {
        self.distributor("exec $(command -v dnf || command -v apt-get) -y install codedeploy-agent");
    }

    pub(super) fn start_install(&self, given: &[(&str, &str)]) -> Steps {
        self.start_install_under("sh", given)
    }

    /// The steps one after the other, until one ends with 168 or 169 (runpluginutil.go of the SSM Agent).
    pub(super) fn start_install_under(&self, shell: &str, given: &[(&str, &str)]) -> Steps {
        static RUNS: AtomicUsize = AtomicUsize::new(0);
        let told = self.path(&format!("told.{}", RUNS.fetch_add(1, Ordering::Relaxed)));
        let worker = format!(
            "cd '{}'\nexec 2>'{}'\n{shell} ./prepare\ncode=$?\ncase $code in 168 | 169) exit $code ;; esac\n\
             sh ./distributor >distributed 2>&1\n{shell} ./mend\nexit $?\n",
            self.dir.path().display(),
            told.display(),
        );
        let running = self.sandbox.start("sh", &worker, &parameters("install-agent", given)).unwrap();
        Steps { running, told }
    }

    pub(super) fn install(&self, given: &[(&str, &str)]) -> Report {
        self.start_install(given).report()
    }

    /// How each transaction of the package manager ended.
    pub(super) fn transactions(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("state/transactions")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// The next call of the package manager waits for [`Instance::go_on`], before it takes the lock.
    pub(super) fn stand_in_the_way(&self) {
        for fifo in ["asked", "go"] {
            assert!(Command::new("mkfifo").arg(self.path("state").join(fifo)).status().unwrap().success());
        }
    }

    /// Waits until the package manager was called.
    pub(super) fn is_asked(&self) {
        assert_eq!(fs::read_to_string(self.path("state/asked")).unwrap(), "asked\n");
        fs::remove_file(self.path("state/asked")).unwrap();
    }

    pub(super) fn go_on(&self) {
        fs::write(self.path("state/go"), "go on\n").unwrap();
    }
}

impl Steps {
    /// Waits until it has told this.
    pub(super) fn tells(&mut self, text: &str) {
        let told = self.told.clone();
        until(
            || fs::read_to_string(&told).unwrap_or_default().contains(text),
            || format!("{text} was not told, but: {}", fs::read_to_string(&told).unwrap_or_default()),
        );
    }

    pub(super) fn report(&mut self) -> Report {
        let run = self.running.finish().unwrap();
        Report::of(Run { stderr: fs::read_to_string(&self.told).unwrap(), ..run })
    }
}
