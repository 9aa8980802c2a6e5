"""Refuses to begin where something already has one of the names."""

from botocore.exceptions import ClientError

import names
from account import is_gone, is_refused
from errors import CannotBegin
from removals import describe_groups

HINT = (
    "Nothing was created. If an earlier run has left it, target/smoke/remove.sh has the commands that remove them, "
    "and so has docs/smoke.md. Else other things of yours have these names."
)


def refuse_taken(account):
    finders = (
        find_stack, find_group, find_hook, find_role, find_application, find_document, find_logs, find_bucket,
        find_queue, find_rule, find_target_group,
    )  # fmt: skip
    taken = [name for find in finders for name in find(account)]
    if taken:
        raise CannotBegin("these exist already:\n  " + "\n  ".join(taken) + f"\n{HINT}")


def list_names(account, service, operation, field, **arguments):
    """The members `field` (by dots) of all pages."""
    outer, _, inner = field.partition(".")
    for page in account.client(service).get_paginator(operation).paginate(**arguments):
        for found in page.get(outer, []):
            yield found[inner] if inner else found


def find_prefixed(what, found, prefix=names.PREFIX):
    return (f"{what} {name}" for name in found if name.startswith(prefix))


def find_stack(account):
    found = list_names(account, "cloudformation", "describe_stacks", "Stacks.StackName")
    return find_prefixed("the stack", found)


def find_group(account):
    found = [group for prefix in (names.PREFIX, names.COPIES) for group in describe_groups(account, prefix)]
    return (f"the Auto Scaling group {group['AutoScalingGroupName']}" for group in found)


def find_hook(account):
    """The gate of this run would act on its launches."""
    scaling = account.client("autoscaling")
    for group in (group["AutoScalingGroupName"] for group in describe_groups(account, "")):
        hooks = scaling.describe_lifecycle_hooks(AutoScalingGroupName=group)["LifecycleHooks"]
        if any(hook["LifecycleHookName"] == names.HOOK for hook in hooks):
            yield f"the lifecycle hook {names.HOOK} of the group {group}"


def find_role(account):
    return find_prefixed("the role", list_names(account, "iam", "list_roles", "Roles.RoleName"))


def find_application(account):
    found = list_names(account, "codedeploy", "list_applications", "applications")
    return find_prefixed("the CodeDeploy application", found)


def find_document(account):
    own = [{"Key": "Owner", "Values": ["Self"]}]
    found = list_names(account, "ssm", "list_documents", "DocumentIdentifiers.Name", Filters=own)
    return find_prefixed("the SSM document", found)


def find_logs(account):
    for prefix in (f"/aws/lambda/{names.PREFIX}", f"/aws/lambda/CodeDeployHook_{names.PREFIX}"):
        found = list_names(account, "logs", "describe_log_groups", "logGroups.logGroupName", logGroupNamePrefix=prefix)
        yield from (f"the log group {name}" for name in found)


def find_bucket(account):
    name = names.name_bucket(account.id, account.region)
    try:
        account.client("s3").head_bucket(Bucket=name)
    except ClientError as error:
        return [] if is_gone(error) or is_refused(error, "404") else [f"the bucket {name}"]
    return [f"the bucket {name}"]


def find_queue(account):
    found = list_names(account, "sqs", "list_queues", "QueueUrls", QueueNamePrefix=names.PREFIX)
    return (f"the queue {url.rsplit('/', 1)[-1]}" for url in found)


def find_rule(account):
    found = list_names(account, "events", "list_rules", "Rules.Name", NamePrefix=names.PREFIX)
    return (f"the EventBridge rule {name}" for name in found)


def find_target_group(account):
    found = list_names(account, "elbv2", "describe_target_groups", "TargetGroups.TargetGroupName")
    return find_prefixed("the target group", found)
