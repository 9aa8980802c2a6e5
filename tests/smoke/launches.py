"""Launches one instance of each kind and follows it to its settled line."""

import contextlib
import dataclasses
import datetime
import json

import names
from account import AWS_FAILS
from errors import RunFailed
from predictions import list_differences, tell_failure
from speech import say, tell
from tasks import wait_until

LAUNCH = ["Launch"]


@dataclasses.dataclass
class Launch:
    kind: str
    what: str
    outputs: dict
    resources: dict
    instance: str | None = None
    began: datetime.datetime | None = None
    settled: datetime.datetime | None = None
    line: dict | None = None

    @property
    def group(self):
        return self.outputs["GroupName"]


def begin_launch(world, kind, outputs, resources):
    launch = Launch(kind["kind"], kind["what"], outputs, resources)
    world.launches.append(launch)
    world.groups.append(launch.group)
    set_policy(world, kind, launch)
    if not kind.get("role", True):
        take_role_away(world, launch)
    return launch


def set_policy(world, kind, launch):
    """Gives the group's hook the policy of this kind. A kind without one keeps the policy of the example."""
    if "policy" in kind:
        world.client("autoscaling").put_lifecycle_hook(
            AutoScalingGroupName=launch.group,
            LifecycleHookName=names.HOOK,
            LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING",
            HeartbeatTimeout=300,
            DefaultResult="ABANDON",
            NotificationMetadata=json.dumps(kind["policy"]),
        )


def take_role_away(world, launch):
    """A version of the stack's launch template with image and type only; it is deleted with the template."""
    template, ec2 = launch.resources["LaunchTemplate"], world.client("ec2")
    told = ec2.describe_launch_template_versions(LaunchTemplateId=template, Versions=["$Latest"])
    data = told["LaunchTemplateVersions"][0]["LaunchTemplateData"]
    bare = {key: data[key] for key in ("ImageId", "InstanceType") if key in data}
    made = ec2.create_launch_template_version(LaunchTemplateId=template, LaunchTemplateData=bare)
    version = str(made["LaunchTemplateVersion"]["VersionNumber"])
    used = {"LaunchTemplateId": template, "Version": version}
    world.client("autoscaling").update_auto_scaling_group(AutoScalingGroupName=launch.group, LaunchTemplate=used)


@contextlib.contextmanager
def launching(world, group):
    """The group launches inside only: after it, an instance that was abandoned is not replaced. After an Interrupted
    the group is left as it is, for it is removed then."""
    scaling, chosen = world.client("autoscaling"), {"AutoScalingGroupName": group, "ScalingProcesses": LAUNCH}
    scaling.resume_processes(**chosen)
    try:
        yield
    except Exception:
        scaling.suspend_processes(**chosen)
        raise
    scaling.suspend_processes(**chosen)


def launch_one(world, group):
    """Launches one instance into the group."""
    before, within = world.list_members(group), world.options.patience
    wanted = {"DesiredCapacity": len(before) + 1, "HonorCooldown": False}
    with launching(world, group):
        world.client("autoscaling").set_desired_capacity(AutoScalingGroupName=group, **wanted)
        new = yield from wait_until(lambda: [one for one in world.list_members(group) if one not in before], within)
    if not new:
        raise RunFailed(f"{group} has launched no instance in {within:.0f} s: {read_activity(world, group)}")
    return new[0]


def read_activity(world, group):
    told = world.client("autoscaling").describe_scaling_activities(AutoScalingGroupName=group)["Activities"]
    return told[0].get("StatusMessage") or told[0]["StatusCode"] if told else "it has no scaling activity"


def follow_launch(world, launch, predicted):
    """Launches and compares. What does not come about is a failed prediction: the other launches go on."""
    try:
        yield from launch_and_compare(world, launch, predicted)
    except (*AWS_FAILS, RunFailed) as error:
        launch.line = launch.line or {}
        fail(world, launch, [str(error)])


def launch_and_compare(world, launch, predicted):
    launch.began = world.account.now()
    launch.instance = yield from launch_one(world, launch.group)
    patience = predicted["within"] + world.options.patience
    found = yield from wait_until(lambda: world.log.find(message="settled", instance=launch.instance), patience)
    if not found:
        raise RunFailed(f"no settled line of {launch.instance} in {patience:.0f} s")
    launch.settled, launch.line = found[0]
    say(f"{launch.group}: {launch.instance} settled: {launch.line['decision']}, {launch.line['reason']}")
    differences = list_differences(predicted, launch.line)
    if differences:
        fail(world, launch, differences)


def fail(world, launch, differences):
    told = tell_failure(launch, differences)
    world.failures.append(told)
    tell(told)


def find_launch(world, kind):
    """The launch of this kind, in service, or None."""
    for launch in world.launches:
        if launch.kind == kind and launch.instance and world.instances[launch.instance].in_service:
            return launch
    return None
