//! `SuspendProcesses`: the group launches no more until a person resumes it.

use runtime::CallError;

use crate::context::Context;

/// The only process that is ever suspended. With no list AWS would suspend all of them (aws-facts 2.4).
const SUSPENDED: &str = "Launch";

/// Suspends Launch of this group. It does no harm to a group that is suspended already.
pub(crate) async fn suspend_launch(group: &str, context: &Context<'_>) -> Result<(), CallError> {
    let call = context.aws.autoscaling.suspend_processes().auto_scaling_group_name(group).scaling_processes(SUSPENDED);
    call.send().await.map(drop).map_err(|error| CallError::new("SuspendProcesses", group, &error))
}
