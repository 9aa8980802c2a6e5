"""What CloudFormation tells of a stack."""

from botocore.exceptions import ClientError

from account import is_gone

GONE = "DELETE_COMPLETE"


def read_status(account, stack):
    """GONE too if there is no such stack."""
    try:
        return describe_stack(account, stack)["StackStatus"]
    except ClientError as error:
        if is_gone(error):
            return GONE
        raise


def read_outputs(account, stack):
    """The outputs by their names."""
    outputs = describe_stack(account, stack).get("Outputs", [])
    return {output["OutputKey"]: output["OutputValue"] for output in outputs}


def read_causes(account, stack, status):
    """What CloudFormation says of the resources that came into this status, the oldest first."""
    events = account.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    failed = [event for event in reversed(events) if event["ResourceStatus"] == status]
    return "; ".join(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}" for event in failed)


def describe_stack(account, stack):
    return account.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
