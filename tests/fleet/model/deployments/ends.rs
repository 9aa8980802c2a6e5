//! The end of a deployment: with its targets, or because somebody stops it.

use lifecycle::Timestamp;

use super::super::Fleet;
use super::super::refused::Refused;
use super::super::timeline::What;
use super::{DeploymentStatus, Progress, traffic};

/// A single instance's failure shows like this too, whatever its cause (aws-facts 5).
const TOO_MANY_FAILED: &str = "The overall deployment failed because too many individual instances failed deployment, \
    too few healthy instances are available for deployment, or some instances in your deployment group are \
    experiencing problems.";

impl Fleet {
    /// All targets begin together, whatever the deployment configuration says; one failure fails the deployment.
    pub(super) fn ends_with_its_targets(&mut self, now: Timestamp, id: &str) {
        let Some(deployment) = self.deployments.get(id) else { return };
        if deployment.targets.values().any(|target| !target.status.ended()) {
            return;
        }
        let failed = deployment.targets.values().any(|target| target.status == Progress::Failed);
        let hooks = deployment.platform != "Server";
        let (status, error) = match (failed, hooks) {
            (false, _) => (DeploymentStatus::Succeeded, None),
            (true, false) => (DeploymentStatus::Failed, Some(("HEALTH_CONSTRAINTS", TOO_MANY_FAILED.to_owned()))),
            (true, true) => {
                (DeploymentStatus::Failed, Some(("HOOK_EXECUTION_FAILURE", traffic::HOOK_FAILED.to_owned())))
            }
        };
        self.deployment_ends(now, id, status, error);
    }

    pub(in super::super) fn deployment_ends(
        &mut self,
        now: Timestamp,
        id: &str,
        status: DeploymentStatus,
        error: Option<(&'static str, String)>,
    ) {
        let Some(deployment) = self.deployments.get_mut(id) else { return };
        deployment.status = status;
        deployment.completed = Some(now);
        deployment.error = error;
        let named = (deployment.members.application.clone(), deployment.members.group.clone());
        let group = self.applications.get_mut(&named.0).and_then(|application| application.groups.get_mut(&named.1));
        if let (Some(group), DeploymentStatus::Succeeded) = (group, status) {
            group.last_successful = Some(id.to_owned());
        }
        self.publish_deployment(now, id);
        self.answer_hook(now, id);
        self.copy_ends(now, id);
    }

    /// `StopDeployment`. What a stop makes of a running lifecycle event is UNCONFIRMED; here it fails.
    pub(crate) fn stop_deployment(&mut self, now: Timestamp, id: &str) -> Result<(), Refused> {
        if self.deployment(id)?.status != DeploymentStatus::InProgress {
            let message = format!("The deployment {id} is already completed");
            return Err(Refused::new("DeploymentAlreadyCompletedException", message));
        }
        let mut stopped = Vec::new();
        if let Some(deployment) = self.deployments.get_mut(id) {
            for (name, target) in deployment.targets.iter_mut().filter(|(_, target)| !target.status.ended()) {
                let begun = target.events.iter().any(|event| event.status != Progress::Pending);
                target.end(now, if begun { Progress::Failed } else { Progress::Skipped });
                stopped.push(name.clone());
            }
        }
        for name in stopped {
            let (deployment, status) = (id.to_owned(), DeploymentStatus::Stopped.text().to_owned());
            self.note_of_instance(now, (id, &name), What::Deployed { deployment, status });
        }
        let error = ("MANUAL_STOP", "The deployment was stopped.".to_owned());
        self.deployment_ends(now, id, DeploymentStatus::Stopped, Some(error));
        Ok(())
    }
}
