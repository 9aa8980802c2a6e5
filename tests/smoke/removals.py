"""How each kind of thing is removed: by this program, and by the commands that it prints if it cannot."""

import time

from botocore.exceptions import ClientError

import signals
from account import is_refused
from tasks import make_reminder

# A group whose launch is still held ends with its hook: 600 s by CodeDeploy's (aws-facts 3.1).
PATIENCE = 1800
RUNNING = ["Created", "Queued", "InProgress", "Ready"]
GONE = ("NotFound", "NoSuch", "NonExistent", "DoesNotExist", "does not exist", "not found")


def empty_bucket(account, name):
    s3 = account.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        keys = [{"Key": entry["Key"]} for entry in page.get("Contents", [])]
        if keys:
            s3.delete_objects(Bucket=name, Delete={"Objects": keys, "Quiet": True})
    s3.delete_bucket(Bucket=name)


def delete_stack(account, name):
    """Only asks for it; `await_stack` waits. So several stacks go at the same time."""
    account.client("cloudformation").delete_stack(StackName=name)


def await_stack(account, name, pause):
    begun = time.monotonic()
    tell = make_reminder(lambda: f"    still removing stack {name}")
    while time.monotonic() < begun + PATIENCE:
        status = read_status(account, name)
        signals.check()
        tell()
        if status is None or status == "DELETE_COMPLETE":
            return
        if status == "DELETE_FAILED":
            raise RuntimeError("CloudFormation could not delete it: DELETE_FAILED")
        time.sleep(pause)
    raise RuntimeError(f"not gone after {PATIENCE} s")


def read_status(account, name):
    try:
        return account.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    except ClientError as error:
        if is_refused(error, *GONE):
            return None
        raise


def delete_queue(account, name):
    sqs = account.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"])


def delete_rule(account, name):
    events = account.client("events")
    events.remove_targets(Rule=name, Ids=["queue"])
    events.delete_rule(Name=name)


def stop_deployments(account, application):
    """A deployment that waits would hold the launch, and the removal of its group."""
    codedeploy = account.client("codedeploy")
    for group in codedeploy.list_deployment_groups(applicationName=application)["deploymentGroups"]:
        asked = {"applicationName": application, "deploymentGroupName": group, "includeOnlyStatuses": RUNNING}
        for deployment in codedeploy.list_deployments(**asked)["deployments"]:
            codedeploy.stop_deployment(deploymentId=deployment)


def delete_application(account, name):
    account.client("codedeploy").delete_application(applicationName=name)


def delete_copies(account, prefix):
    scaling = account.client("autoscaling")
    for name in list_groups(account, prefix):
        scaling.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)


def list_groups(account, prefix):
    pages = account.client("autoscaling").get_paginator("describe_auto_scaling_groups").paginate()
    found = [group["AutoScalingGroupName"] for page in pages for group in page["AutoScalingGroups"]]
    return [name for name in found if name.startswith(prefix)]


def delete_target_group(account, name):
    balancing = account.client("elbv2")
    for group in balancing.describe_target_groups(Names=[name])["TargetGroups"]:
        balancing.delete_target_group(TargetGroupArn=group["TargetGroupArn"])


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
COMMANDS = {
    "bucket": "aws s3 rb --force s3://{name}",
    "stack": "aws cloudformation delete-stack --stack-name {name} && "
    "aws cloudformation wait stack-delete-complete --stack-name {name}",
    "queue": 'aws sqs delete-queue --queue-url "$(aws sqs get-queue-url --queue-name {name} '
    '--query QueueUrl --output text)"',
    "rule": "aws events remove-targets --rule {name} --ids queue; aws events delete-rule --name {name}",
    "deployments": "for group in $(aws deploy list-deployment-groups --application-name {name} --output text "
    "--query 'deploymentGroups[]'); do for deployment in $(aws deploy list-deployments --application-name {name} "
    "--deployment-group-name \"$group\" --include-only-statuses Created Queued InProgress Ready --output text "
    "--query 'deployments[]'); do aws deploy stop-deployment --deployment-id \"$deployment\"; done; done",
    "application": "aws deploy delete-application --application-name {name}",
    "copied groups": "for group in $(aws autoscaling describe-auto-scaling-groups --output text --query "
    "\"AutoScalingGroups[?starts_with(AutoScalingGroupName, '{name}')].AutoScalingGroupName\"); do "
    'aws autoscaling delete-auto-scaling-group --force-delete --auto-scaling-group-name "$group"; done',
    "target group": 'aws elbv2 delete-target-group --target-group-arn "$(aws elbv2 describe-target-groups '
    "--names {name} --query 'TargetGroups[0].TargetGroupArn' --output text)\"",
}


def write_command(kind, name):
    return COMMANDS[kind].format(name=name)


def is_gone(error):
    return isinstance(error, ClientError) and is_refused(error, *GONE)

