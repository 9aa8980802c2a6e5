//! Who asks: `CodeDeploy`, or ECS itself.

use serde_json::Value;

/// What the function is invoked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A lifecycle event of a deployment of `CodeDeploy`, which ignores what the function returns and waits an hour for
    /// `PutLifecycleEventHookExecutionStatus` (aws-facts 4.2).
    CodeDeploy {
        /// `d-ABCDEF123`.
        deployment: String,
        /// Opaque, and as long as it likes.
        execution: String,
    },
    /// A lifecycle stage of a deployment of ECS, which takes its answer from what the function returns
    /// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html>).
    Ecs {
        /// The stage, such as `POST_TEST_TRAFFIC_SHIFT`, if the payload has it.
        stage: Option<String>,
        /// The ARN of the service deployment, or else of the service.
        resource: String,
        /// The ARN of the revision that is deployed.
        revision: String,
    },
}

/// A payload that is neither `CodeDeploy`'s nor ECS's, so nobody waits for an answer to it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the payload asks nothing that could be answered: {} for a hook of CodeDeploy, {} for one of ECS; let a deployment \
     invoke this function, or send it a payload as in events/", missing(.codedeploy), missing(.ecs)
)]
pub struct UnknownEvent {
    codedeploy: Vec<&'static str>,
    ecs: Vec<&'static str>,
}

fn missing(keys: &[&str]) -> String {
    format!("it lacks {}", keys.join(" and "))
}

const CODEDEPLOY: [&str; 2] = ["DeploymentId", "LifecycleEventHookExecutionId"];
const ECS: &str = "targetServiceRevisionArn";

impl Event {
    /// Reads a payload. Unknown keys are ignored.
    ///
    /// # Errors
    /// [`UnknownEvent`] names the keys that are missing, of either kind.
    pub fn parse(payload: &Value) -> Result<Self, UnknownEvent> {
        codedeploy(payload).or_else(|| ecs(payload)).ok_or_else(|| UnknownEvent {
            codedeploy: CODEDEPLOY.into_iter().filter(|key| text(payload, key).is_none()).collect(),
            ecs: vec![ECS],
        })
    }
}

fn codedeploy(payload: &Value) -> Option<Event> {
    let [deployment, execution] = CODEDEPLOY.map(|key| text(payload, key));
    Some(Event::CodeDeploy { deployment: deployment?, execution: execution? })
}

fn ecs(payload: &Value) -> Option<Event> {
    // Newer editions of the guide have the details in an envelope, older ones have them alone.
    let details = payload.get("executionDetails").unwrap_or(payload);
    let revision = text(details, ECS)?;
    let resource = text(payload, "resourceArn").or_else(|| text(details, "serviceArn"));
    let resource = resource.unwrap_or_else(|| revision.clone());
    Some(Event::Ecs { stage: text(payload, "lifecycleStage"), resource, revision })
}

fn text(payload: &Value, key: &str) -> Option<String> {
    payload.get(key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_samples_are_understood() {
        let codedeploy: Value = serde_json::from_str(include_str!("../../../events/codedeploy-hook.json")).unwrap();
        let Event::CodeDeploy { deployment, execution } = Event::parse(&codedeploy).unwrap() else { panic!() };
        assert_eq!(
            (deployment.as_str(), execution.as_str()),
            ("d-8TQ2M5XWL", codedeploy["LifecycleEventHookExecutionId"].as_str().unwrap())
        );
        let ecs: Value = serde_json::from_str(include_str!("../../../events/ecs-deployment-hook.json")).unwrap();
        let Event::Ecs { stage, resource, revision } = Event::parse(&ecs).unwrap() else { panic!() };
        assert_eq!(
            (stage.as_deref(), resource.as_str()),
            (Some("POST_TEST_TRAFFIC_SHIFT"), ecs["resourceArn"].as_str().unwrap())
        );
        assert_eq!(ecs["executionDetails"]["targetServiceRevisionArn"], revision);
        let details = &ecs["executionDetails"];
        let alone = Event::Ecs { stage: None, resource: details["serviceArn"].as_str().unwrap().into(), revision };
        assert_eq!(Event::parse(details), Ok(alone));
    }

    #[test]
    fn anything_else_is_refused_with_the_keys_that_it_lacks() {
        let error = Event::parse(&json!({"DeploymentId": "d-1", "lifecycleStage": 4})).unwrap_err().to_string();
        for part in [
            "it lacks LifecycleEventHookExecutionId for a hook of CodeDeploy",
            "it lacks targetServiceRevisionArn for one of ECS",
            "events/",
        ] {
            assert!(error.contains(part), "{error}");
        }
        for other in
            [json!(null), json!([]), json!("d-1"), json!({"DeploymentId": "", "LifecycleEventHookExecutionId": "x"})]
        {
            assert!(Event::parse(&other).is_err(), "{other}");
        }
    }
}
