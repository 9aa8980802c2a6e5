//! Simulates the step of Distributor, `aws:configurePackage`.

use std::time::Duration;

use super::super::story::Ending;
use super::super::story::distributor::Distributor;
use super::{Done, EVERY, Mends, Repair};

/// How long SSM takes to refuse the package (aws-facts 17).
const REFUSED: Duration = Duration::from_secs(5);
/// How long the step tries where `DescribeDocument` is throttled (aws-facts 17).
const THROTTLED: Duration = Duration::from_secs(54);

const ASKS: &str = "failed to download manifest - failed to retrieve package document description";

impl Repair<'_> {
    /// It sleeps first, and has no end where SSM does not answer (aws-facts 17). It does not wait for the package lock
    /// (amazon-ssm-agent agent/plugins/configurepackage).
    pub(in super::super) fn distributor(&self, sleeps: Duration) -> Option<Done> {
        Some(match self.story.distributor() {
            Distributor::Hangs => return None,
            Distributor::Lacks => failed(sleeps + REFUSED, &format!("{ASKS}: InvalidDocument")),
            Distributor::Throttled => {
                failed(sleeps + THROTTLED, &format!("{ASKS}: ThrottlingException: Rate exceeded"))
            }
            Distributor::Has => self.install(sleeps),
        })
    }

    fn install(&self, sleeps: Duration) -> Done {
        if let Some(holder) = (self.host_at)(sleeps).package_lock {
            let lost = "can't create transaction lock on /var/lib/rpm/.rpm.lock (Resource temporarily unavailable)";
            return failed(sleeps + EVERY, &format!("{lost}, held by {holder}"));
        }
        if self.ending() != Ending::Works {
            return failed(sleeps + EVERY, "failed to install package: install script exited with 1");
        }
        let stdout = "Successfully installed arn:aws:ssm:::package/AWSCodeDeployAgentV2\n".to_owned();
        let mends = Mends { agent: true, packages: Vec::new() };
        Done { took: sleeps + self.story.repair_takes, code: 0, stdout, stderr: String::new(), mends }
    }
}

fn failed(took: Duration, why: &str) -> Done {
    Done { took, code: 1, stdout: String::new(), stderr: format!("{why}\n"), mends: Mends::default() }
}
