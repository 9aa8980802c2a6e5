"""How each kind of thing is removed."""

import time

from botocore.exceptions import ClientError

import signals
from account import is_gone
from cloudformation import GONE, read_causes, read_status
from deployments import stop_deployment
from tasks import make_reminder, make_tolerant

# A group whose launch is still held ends with its hook: 600 s by CodeDeploy's (aws-facts 3.1).
PATIENCE = 1800
# After a stop some events may still run (aws-facts 5). What takes longer is tried once more after all other removals.
STOP_PATIENCE = 400
RUNNING = ["Created", "Queued", "InProgress", "Ready"]


def empty_bucket(account, name):
    s3 = account.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        keys = [{"Key": entry["Key"]} for entry in page.get("Contents", [])]
        if keys:
            s3.delete_objects(Bucket=name, Delete={"Objects": keys, "Quiet": True})
    s3.delete_bucket(Bucket=name)


def delete_stack(account, name):
    account.client("cloudformation").delete_stack(StackName=name)


def await_stack(account, name, pause):
    def is_over():
        status = read_status(account, name)
        if status == "DELETE_FAILED":
            raise RuntimeError(f"DELETE_FAILED: {read_causes(account, name, status)}")
        return status == GONE

    await_end(f"still removing stack {name}", is_over, pause, PATIENCE)


def delete_queue(account, name):
    sqs = account.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"])


def delete_rule(account, name):
    events = account.client("events")
    events.remove_targets(Rule=name, Ids=["queue"])
    events.delete_rule(Name=name)


def stop_deployments(account, application):
    """A deployment that waits would hold the launch, and the removal of its group."""
    for deployment in list_running(account, application):
        stop_deployment(account, deployment)


def await_deployments(account, application, pause):
    """Until none is in progress: one of blue/green may still copy a group."""
    text = f"still stopping the deployments of {application}"
    await_end(text, lambda: not list_running(account, application), pause, STOP_PATIENCE)


def list_running(account, application):
    """The deployments in progress; none if the application is gone."""
    codedeploy, found = account.client("codedeploy"), []
    try:
        for group in codedeploy.list_deployment_groups(applicationName=application)["deploymentGroups"]:
            asked = {"applicationName": application, "deploymentGroupName": group, "includeOnlyStatuses": RUNNING}
            found += codedeploy.list_deployments(**asked)["deployments"]
    except ClientError as error:
        if not is_gone(error):
            raise
    return found


def delete_application(account, name):
    account.client("codedeploy").delete_application(applicationName=name)


def delete_copies(account, prefix):
    """Those that are not being deleted yet."""
    for group in describe_groups(account, prefix):
        if not group.get("Status"):
            name = group["AutoScalingGroupName"]
            account.client("autoscaling").delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)


def await_copies(account, prefix, pause):
    """Deletes until none is listed: a copy may appear after its deployment was stopped."""

    def is_over():
        delete_copies(account, prefix)
        return not describe_groups(account, prefix)

    await_end(f"still removing the groups {prefix}…", is_over, pause, PATIENCE)


def describe_groups(account, prefix):
    """All Auto Scaling groups whose names begin so."""
    pages = account.client("autoscaling").get_paginator("describe_auto_scaling_groups").paginate()
    found = [group for page in pages for group in page["AutoScalingGroups"]]
    return [group for group in found if group["AutoScalingGroupName"].startswith(prefix)]


def delete_target_group(account, name):
    balancing = account.client("elbv2")
    for group in balancing.describe_target_groups(Names=[name])["TargetGroups"]:
        balancing.delete_target_group(TargetGroupArn=group["TargetGroupArn"])


def await_end(text, is_over, pause, within):
    """Looks until it is over. A look that AWS refuses is made again."""
    end, look, remind = time.monotonic() + within, make_tolerant(is_over), make_reminder(lambda: text)
    while not look():
        signals.check()
        if time.monotonic() > end:
            raise RuntimeError(f"not over after {within} s")
        remind()
        time.sleep(pause)


# What begins the removal, and what waits for its end: several stacks go at the same time.
REMOVE = {
    "bucket": empty_bucket,
    "stack": delete_stack,
    "queue": delete_queue,
    "rule": delete_rule,
    "deployments": stop_deployments,
    "application": delete_application,
    "copied groups": delete_copies,
    "target group": delete_target_group,
}
AWAIT = {"stack": await_stack, "deployments": await_deployments, "copied groups": await_copies}
