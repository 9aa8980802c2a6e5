"""The commands of the AWS CLI that remove what is left, where this program cannot."""

COMMANDS = {
    "bucket": "aws s3 rb --force s3://{name}",
    "stack": "aws cloudformation delete-stack --stack-name {name} && "
    "aws cloudformation wait stack-delete-complete --stack-name {name}",
    "queue": 'aws sqs delete-queue --queue-url "$(aws sqs get-queue-url --queue-name {name} '
    '--query QueueUrl --output text)"',
    "rule": "aws events remove-targets --rule {name} --ids queue; aws events delete-rule --name {name}",
    # Until none is in progress: a stop takes a while, and another deployment may begin meanwhile.
    "deployments": "for group in $(aws deploy list-deployment-groups --application-name {name} --output text "
    "--query 'deploymentGroups[]'); do while running=$(aws deploy list-deployments --application-name {name} "
    "--deployment-group-name \"$group\" --include-only-statuses Created Queued InProgress Ready --output text "
    "--query 'deployments[]') && test -n \"$running\"; do for deployment in $running; do "
    'aws deploy stop-deployment --deployment-id "$deployment"; done; sleep 10; done; done',
    "application": "aws deploy delete-application --application-name {name}",
    # Until none is listed: a copy may appear after its deployment was stopped.
    "copied groups": "while groups=$(aws autoscaling describe-auto-scaling-groups --output text --query "
    "\"AutoScalingGroups[?starts_with(AutoScalingGroupName, '{name}')].AutoScalingGroupName\") && "
    'test -n "$groups"; do for group in $groups; do aws autoscaling delete-auto-scaling-group --force-delete '
    '--auto-scaling-group-name "$group"; done; sleep 10; done',
    "target group": 'aws elbv2 delete-target-group --target-group-arn "$(aws elbv2 describe-target-groups '
    "--names {name} --query 'TargetGroups[0].TargetGroupArn' --output text)\"",
}
# The credentials may be those of another account when the script is run, where the names may be those of other things.
CHECK = """\
account=$(aws sts get-caller-identity --query Account --output text)
if [ "$account" != {account} ]; then
  echo "Nothing was removed: this is for account {account}, and the credentials are of ${{account:-none}}." >&2
  echo "Set those of {account}, and run it again." >&2
  exit 1
fi"""


def list_commands(account, made):
    """What to type to remove these things: the newest first, as the program itself does."""
    # The AWS CLI 1 heeds one of these variables only, and version 2 the other one first. It pages its answers, too.
    settings = f"export AWS_DEFAULT_REGION={account.region} AWS_REGION={account.region} AWS_PAGER="
    return [settings, *(COMMANDS[kind].format(name=name) for kind, name in reversed(made))]


def write_script(account, made):
    """The same as a script, which first makes sure that it is in the right account."""
    settings, *commands = list_commands(account, made)
    return "\n".join(["#!/bin/sh", settings, CHECK.format(account=account.id), *commands]) + "\n"
