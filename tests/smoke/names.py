"""The names of everything that a run creates. All begin with one prefix and are the same in each run, so a run finds
what an earlier one has left."""

import pathlib

PREFIX = "launchgate-smoke"
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

GATE = PREFIX
HOOK = PREFIX
QUEUE = RULE = f"{PREFIX}-events"
# CodeDeploy names what it copies CodeDeploy_<deployment group>_<deployment> (aws-facts 14).
COPIES = f"CodeDeploy_{PREFIX}-green_"
REVISION = "revision.zip"


def name_bucket(account, region):
    """Names of buckets are shared by all accounts."""
    return f"{PREFIX}-{account}-{region}"


def make_name(of):
    """The name of the stack of a kind of launch, or of everything that one question needs."""
    return f"{PREFIX}-{of}"


def make_tags(run):
    """On everything that takes tags; the value tells the run."""
    return {PREFIX: run}


def list_tags(run):
    return [{"Key": key, "Value": value} for key, value in make_tags(run).items()]
