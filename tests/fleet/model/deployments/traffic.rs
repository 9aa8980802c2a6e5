//! Deployments that shift traffic between versions of a Lambda function or task sets of an ECS service. They invoke
//! hook functions on the way.

use std::collections::BTreeMap;

use lifecycle::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::Fleet;
use super::super::refused::Refused;
use super::super::schedule::Due;
use super::parts::Shift;
use super::{EventId, Progress, Target};

/// aws-facts 4.2.
const LAMBDA_EVENTS: [&str; 3] = ["BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"];
/// aws-facts 4.2.
const ECS_EVENTS: [&str; 8] = [
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
];

pub(super) const HOOK_FAILED: &str =
    "The deployment failed because one of the lifecycle event validation functions failed or did not answer in time.";

/// A hook function that `CodeDeploy` invoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookCall {
    /// Its name, or its ARN, as the `AppSpec` has it.
    pub function: String,
    /// Two keys and no more (aws-facts 4.2).
    pub payload: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AppSpec {
    resources: Vec<BTreeMap<String, Resource>>,
    #[serde(default)]
    hooks: Vec<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    properties: BTreeMap<String, Value>,
}

impl Fleet {
    /// One target for each resource of the `AppSpec`; YAML and JSON are both read.
    pub(super) fn shifts(
        now: Timestamp,
        platform: &str,
        revision: &Value,
    ) -> Result<BTreeMap<String, Target>, Refused> {
        let invalid = |why: String| Refused::new("InvalidRevisionException", why);
        let content =
            ["/appSpecContent/content", "/string/content"].iter().find_map(|at| revision.pointer(at)?.as_str());
        let content = content.ok_or_else(|| invalid("the revision has no AppSpec content".to_owned()))?;
        let told: AppSpec = serde_yaml_ng::from_str(content).map_err(|error| invalid(error.to_string()))?;
        let events: &[&'static str] = if platform == "Lambda" { &LAMBDA_EVENTS } else { &ECS_EVENTS };
        let hooks: BTreeMap<String, String> = told.hooks.into_iter().flatten().collect();
        if let Some(unknown) = hooks.keys().find(|hook| !events.contains(&hook.as_str())) {
            return Err(invalid(format!("{unknown} is not a lifecycle event of {platform}")));
        }
        let resources = told.resources.into_iter().flatten();
        Ok(resources
            .map(|(name, resource)| {
                let properties = resource.properties;
                let shift = Shift { properties, hooks: hooks.clone(), asked: Vec::new() };
                (name, Target { shift: Some(shift), ..Target::new(now, events) })
            })
            .collect())
    }

    /// The hook functions invoked since the last call.
    pub fn take_hook_calls(&mut self) -> Vec<HookCall> {
        std::mem::take(&mut self.hook_calls)
    }

    /// An event nobody is asked about is over at once.
    pub(super) fn traffic_event(&mut self, now: Timestamp, event: EventId) {
        let execution = self.chance.uuid();
        let Some(target) = self.target_mut(&event) else { return };
        let Some((begins, shift)) = target.events.get_mut(event.number).zip(target.shift.as_mut()) else { return };
        begins.status = Progress::InProgress;
        begins.start = Some(now);
        let Some(function) = shift.hooks.get(begins.name).cloned() else {
            return self.event_succeeds(now, event);
        };
        shift.asked.push((execution.clone(), event.number));
        let payload = json!({"DeploymentId": event.deployment, "LifecycleEventHookExecutionId": execution});
        self.hook_calls.push(HookCall { function, payload });
        self.due.plan(now + self.settings.codedeploy.hook_answers_within, Due::HookUnanswered(event));
    }

    pub(in super::super) fn hook_unanswered(&mut self, now: Timestamp, event: &EventId) {
        if self.event_mut(event, Progress::InProgress).is_some() {
            self.event_fails(now, event, None);
        }
    }

    /// `PutLifecycleEventHookExecutionStatus`: the first answer counts (aws-facts 4.2).
    pub(crate) fn put_hook_status(
        &mut self,
        now: Timestamp,
        deployment: &str,
        execution: &str,
        succeeded: bool,
    ) -> Result<(), Refused> {
        let event = self.execution(deployment, execution)?;
        if self.event_mut(&event, Progress::InProgress).is_none() {
            let message = format!("The lifecycle event of the execution {execution} is already completed");
            return Err(Refused::new("LifecycleEventAlreadyCompletedException", message));
        }
        if succeeded {
            self.event_succeeds(now, event);
        } else {
            self.event_fails(now, &event, None);
        }
        Ok(())
    }

    fn execution(&self, deployment: &str, execution: &str) -> Result<EventId, Refused> {
        let asked = self.deployment(deployment)?.targets.iter().find_map(|(name, target)| {
            let (_, number) = target.shift.as_ref()?.asked.iter().find(|(asked, _)| asked == execution)?;
            Some((name.clone(), *number))
        });
        let (target, number) = asked.ok_or_else(|| {
            let message = format!("{execution} is not an execution of the deployment {deployment}");
            Refused::new("InvalidLifecycleEventHookExecutionIdException", message)
        })?;
        Ok(EventId { deployment: deployment.to_owned(), target, number })
    }
}
