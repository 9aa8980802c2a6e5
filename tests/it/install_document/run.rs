//! What only the tests of the install document need: an instance with a package manager, and a run of all steps.

use std::fs;
use std::process::Command;

use launchgate_tests::fleet::host::AgentState;
use launchgate_tests::fleet::sandbox::{Family, Run, Running, SsmCommand, Step};

use crate::stand::documents::{parameters, script};
use crate::stand::threads::until;
use crate::stand::{Instance, Report, with_agent};

/// A run of all steps of the document, under one worker as the SSM Agent runs them.
pub(super) struct Steps {
    pub(super) running: Running,
}

/// An instance with nothing wrong but its agent; neither the Region nor Distributor has one for it.
pub(super) fn instance(family: Family, state: AgentState) -> Instance {
    instance_of(2, family, state)
}

/// The same with an agent of this generation.
pub(super) fn instance_of(generation: u8, family: Family, state: AgentState) -> Instance {
    let instance = Instance::new(&with_agent(generation, state), Some(family));
    instance.distributor("echo 'failed to retrieve package document description: InvalidDocument' >&2; exit 1");
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

    pub(super) fn start_install_under(&self, shell: &str, given: &[(&str, &str)]) -> Steps {
        self.start_steps(shell, given, false)
    }

    /// Under an SSM Agent that pastes the parameters into the scripts.
    pub(super) fn start_install_pasted(&self, shell: &str, given: &[(&str, &str)]) -> Steps {
        self.start_steps(shell, given, true)
    }

    fn start_steps(&self, shell: &str, given: &[(&str, &str)], pastes: bool) -> Steps {
        let part = |name| Step::Script(script("install-agent", name));
        let distributor = format!(
            "cd '{}'\nsh ./distributor >distributed 2>&1\ncode=$?\ncat distributed\nexit $code\n",
            self.dir.path().display()
        );
        let steps = vec![part("prepare"), Step::Package(distributor), part("mend")];
        let parameters = parameters("install-agent", given);
        let command = SsmCommand { shell, steps, parameters: &parameters, pastes };
        Steps { running: self.sandbox.start_command(&command).unwrap() }
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
        until(|| self.told().contains(text), || format!("{text} was not told, but: {}", self.told()));
    }

    /// The standard errors of all steps so far, before SSM drops any.
    fn told(&self) -> String {
        self.running.so_far().into_iter().map(|run| run.stderr).collect()
    }

    /// The report of the step that ran last, with what all steps have told.
    pub(super) fn report(&mut self) -> Report {
        let run = self.running.finish().unwrap();
        Report::of(Run { stderr: self.told(), ..run })
    }

    /// How each step that was not skipped ended, as SSM tells it.
    pub(super) fn ends(&mut self) -> Vec<Run> {
        self.running.finish().unwrap();
        self.running.so_far().iter().map(Run::told).collect()
    }
}
