//! The operations. Each takes its members as data and returns its answer as data, without HTTP.
//!
//! A door decodes a request into a service, an operation and a JSON object of members, and encodes the answer. Tests
//! call [`call`] without a door.

mod actions;
mod activities;
mod bounds;
mod codedeploy;
mod commands;
mod documents;
mod groups;
mod hooks;
mod instance_information;
mod instances;
mod invocations;
mod members;
mod page;
mod service_settings;
mod times;
mod warm_pool;

use std::time::Duration;

use lifecycle::Timestamp;
use serde_json::Value;

use self::codedeploy::{applications, deployment_groups, deployments, targets};
use self::members::Members;
use super::{Fleet, Refused};

/// The answer of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The output members, or the refusal. `Value::Null` where the operation has no output.
    pub outcome: Result<Value, Refused>,
    /// How much later the caller gets it.
    pub delay: Duration,
}

impl Answer {
    pub(super) fn refused(refused: Refused) -> Self {
        Self { outcome: Err(refused), delay: Duration::ZERO }
    }
}

type Outcome = Result<Value, Refused>;
type Operation = fn(&mut Fleet, Timestamp, &Members<'_>) -> Outcome;

/// Lets time pass up to `now`, meets the faults, and carries the operation out.
pub fn call(fleet: &mut Fleet, now: Timestamp, service: &str, operation: &str, members: &Value) -> Answer {
    fleet.advance(now);
    let met = fleet.meet_faults(now, service, operation);
    fleet.count_call(service, operation, |calls| calls.made += 1);
    let outcome = if met.throttled {
        fleet.count_call(service, operation, |calls| calls.throttled += 1);
        Err(throttled(service))
    } else if let Some(refused) = met.fails {
        Err(refused)
    } else {
        let outcome = carry_out(fleet, now, service, operation, members);
        fleet.advance(now);
        if met.answer_lost { Err(Refused::new("InternalFailure", "the answer was lost")) } else { outcome }
    };
    if outcome.is_err() && !met.throttled {
        fleet.count_call(service, operation, |calls| calls.refused += 1);
    }
    Answer { outcome, delay: met.delay }
}

/// Two codes for the same thing (aws-facts 2.4, 6.4).
fn throttled(service: &str) -> Refused {
    let code = if service == "autoscaling" { "Throttling" } else { "ThrottlingException" };
    Refused::new(code, "Rate exceeded")
}

fn carry_out(fleet: &mut Fleet, now: Timestamp, service: &str, operation: &str, members: &Value) -> Outcome {
    let found = match service {
        "autoscaling" => auto_scaling(operation).ok_or("InvalidAction"),
        "codedeploy" => code_deploy(operation).ok_or("UnknownOperationException"),
        "ssm" => systems_manager(operation).ok_or("UnknownOperationException"),
        _ => Err("UnknownOperationException"),
    };
    let operation =
        found.map_err(|code| Refused::new(code, format!("the fleet does not serve {operation} of {service}")))?;
    operation(fleet, now, &Members::of(members)?)
}

fn auto_scaling(operation: &str) -> Option<Operation> {
    Some(match operation {
        "CreateAutoScalingGroup" => groups::create,
        "UpdateAutoScalingGroup" => groups::update,
        "DeleteAutoScalingGroup" => groups::delete,
        "DescribeAutoScalingGroups" => groups::describe,
        "SetDesiredCapacity" => groups::set_desired,
        "SuspendProcesses" => groups::suspend,
        "ResumeProcesses" => groups::resume,
        "DescribeAutoScalingInstances" => instances::describe,
        "TerminateInstanceInAutoScalingGroup" => instances::terminate,
        "PutLifecycleHook" => hooks::put,
        "DescribeLifecycleHooks" => hooks::describe,
        "DeleteLifecycleHook" => hooks::delete,
        "CompleteLifecycleAction" => actions::complete,
        "RecordLifecycleActionHeartbeat" => actions::heartbeat,
        "DescribeScalingActivities" => activities::describe,
        "PutWarmPool" => warm_pool::put,
        "DescribeWarmPool" => warm_pool::describe,
        _ => return None,
    })
}

fn systems_manager(operation: &str) -> Option<Operation> {
    Some(match operation {
        "CreateDocument" => documents::create,
        "UpdateDocument" => documents::update,
        "UpdateDocumentDefaultVersion" => documents::set_default,
        "DescribeDocument" => documents::describe,
        "GetDocument" => documents::get,
        "ListDocuments" => documents::list,
        "DeleteDocument" => documents::delete,
        "GetServiceSetting" => service_settings::get,
        "DescribeInstanceInformation" => instance_information::describe,
        "SendCommand" => commands::send,
        "ListCommands" => commands::list,
        "CancelCommand" => commands::cancel,
        "ListCommandInvocations" => invocations::list,
        "GetCommandInvocation" => invocations::get,
        _ => return None,
    })
}

fn code_deploy(operation: &str) -> Option<Operation> {
    Some(match operation {
        "CreateApplication" => applications::create,
        "GetApplication" => applications::get,
        "ListApplications" => applications::list,
        "DeleteApplication" => applications::delete,
        "CreateDeploymentGroup" => deployment_groups::create,
        "UpdateDeploymentGroup" => deployment_groups::update,
        "GetDeploymentGroup" => deployment_groups::get,
        "ListDeploymentGroups" => deployment_groups::list,
        "DeleteDeploymentGroup" => deployment_groups::delete,
        "CreateDeployment" => deployments::create,
        "GetDeployment" => deployments::get,
        "BatchGetDeployments" => deployments::batch_get,
        "ListDeployments" => deployments::list,
        "StopDeployment" => deployments::stop,
        "ListDeploymentTargets" => targets::list,
        "GetDeploymentTarget" => targets::get,
        "BatchGetDeploymentTargets" => targets::batch_get,
        "PutLifecycleEventHookExecutionStatus" => targets::put_hook_status,
        _ => return None,
    })
}
