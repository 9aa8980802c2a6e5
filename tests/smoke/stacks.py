"""Deploys Launchgate and the example groups, as stacks with names of their own."""

import subprocess
import sys
import time

import names
import signals
from cloudformation import read_causes, read_outputs, read_status
from errors import Interrupted, RunFailed
from tasks import make_reminder, make_tolerant

PIPES = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
# IAM: for the roles of the functions. AUTO_EXPAND: for the SAM transform and the AWS::Include of the documents.
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
# An environment that samconfig.toml does not have. Else sam would add what `make deploy` has saved there.
NO_SETTINGS = names.PREFIX
PARAMETERS = ["Dashboard=disabled", "LogRetentionDays=1", f"HookName={names.HOOK}"]


def create_bucket(account, ledger, run):
    """For what `sam deploy` uploads, and for the revision."""
    name, s3 = names.name_bucket(account.id, account.region), account.client("s3")
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": account.region}}
    place = {} if account.region == "us-east-1" else elsewhere
    with ledger.creating("bucket", name):
        s3.create_bucket(Bucket=name, **place)
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": names.list_tags(run)})
    return name


def deploy_gate(account, ledger, run, template, bucket):
    """With `sam deploy`, as a user does. Gives the outputs of the stack."""
    ledger.note("stack", names.GATE)
    sam = [
        sys.executable, "-m", "samcli", "deploy", "--template-file", str(template), "--stack-name", names.GATE,
        "--no-resolve-s3", "--s3-bucket", bucket, "--s3-prefix", "gate", "--region", account.region,
        "--config-file", str(names.ROOT / "samconfig.toml"), "--config-env", NO_SETTINGS, "--no-confirm-changeset",
        "--no-progressbar", "--capabilities", *CAPABILITIES, "--tags", f"{names.PREFIX}={run}",
        "--parameter-overrides", *PARAMETERS,
    ]  # fmt: skip
    run_tool(sam)
    return read_outputs(account, names.GATE)


def run_tool(command):
    """In a session of its own: ctrl-C is for this program, which then ends the tool."""
    tool = None
    try:
        with signals.hold():
            tool = subprocess.Popen(command, cwd=names.ROOT, start_new_session=True, text=True, **PIPES)
        said, _ = tool.communicate()
    except Interrupted:
        if tool:
            tool.terminate()
            tool.wait()
        raise
    if tool.returncode:
        raise RunFailed(f"sam deploy failed:\n{said}")


def begin_example(account, ledger, run, kind, bucket, subnets):
    """A stack of examples/fleet.yaml without an instance yet; CloudFormation goes on by itself."""
    name = names.make_name(kind["kind"])
    parameters = {
        "UserData": kind["user_data"], "HookName": names.HOOK, "LaunchgateStack": names.GATE, "Instances": "0",
        "RevisionBucket": bucket, **({"Subnets": subnets} if subnets else {}),
    }  # fmt: skip
    with ledger.creating("stack", name):
        account.client("cloudformation").create_stack(
            StackName=name,
            TemplateBody=(names.ROOT / "examples/fleet.yaml").read_text(encoding="utf-8"),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_IAM"],
            Tags=names.list_tags(run),
        )


def await_example(account, kind, pause):
    """Gives the outputs, and the stack's other resources by their logical names."""
    name = names.make_name(kind["kind"])
    look = make_tolerant(lambda: read_status(account, name))
    remind = make_reminder(lambda: f"still creating stack {name}")
    while (status := look()) in (None, "CREATE_IN_PROGRESS"):
        time.sleep(pause)
        remind()
    if status != "CREATE_COMPLETE":
        raise RunFailed(f"stack {name} is {status}: {read_causes(account, name, 'CREATE_FAILED')}")
    listed = account.client("cloudformation").list_stack_resources(StackName=name)["StackResourceSummaries"]
    resources = {entry["LogicalResourceId"]: entry["PhysicalResourceId"] for entry in listed}
    return read_outputs(account, name), resources
