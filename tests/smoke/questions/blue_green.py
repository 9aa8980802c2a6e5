"""Does a blue/green deployment that copies a group copy its custom launch hook? Only on request: it launches one more
instance, and needs a target group (which costs nothing without a load balancer)."""

import names
from deployments import OVER, create_application, deploy, end_deployment, read_deployment, tell_status
from launches import launching
from questions.common import await_in_service
from speech import say
from tasks import make_tolerant, wait_until

KEY = "blue-green"
KIND = "with-user-data"
WITHIN = 600
STOPPED = "The deployment was stopped then"
GREEN = {
    "greenFleetProvisioningOption": {"action": "COPY_AUTO_SCALING_GROUP"},
    "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
    "terminateBlueInstancesOnDeploymentSuccess": {"action": "KEEP_ALIVE"},
}


def ask(world):
    launch = yield from await_in_service(world, KIND)
    if not launch:
        world.answers[KEY] = f"not asked: no launch of the kind {KIND} came into service"
        return
    balancer = {"targetGroupInfoList": [{"name": create_target_group(world)}]}
    style = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
    name = create_application(
        world, "green", launch, autoScalingGroups=[launch.group], deploymentStyle=style, loadBalancerInfo=balancer,
        blueGreenDeploymentConfiguration=GREEN,
    )  # fmt: skip
    # The copy may get the suspended processes of the group too.
    with launching(world, launch.group):
        world.ledger.note("copied groups", names.COPIES)
        deployment = deploy(world, name, name)
        say(f"blue/green: {deployment} copies {launch.group}")
        yield from watch_copy(world, deployment)
        yield from end_deployment(world, deployment)


def create_target_group(world):
    name = names.make_name("green")
    place = {"Protocol": "HTTP", "Port": 80, "VpcId": find_vpc(world), "TargetType": "instance"}
    with world.ledger.creating("target group", name):
        world.client("elbv2").create_target_group(Name=name, Tags=names.list_tags(world.run), **place)
    return name


def find_vpc(world):
    """The VPC of the subnets that were named, or else the default one."""
    ec2, named = world.client("ec2"), [subnet for subnet in world.options.subnets.split(",") if subnet]
    if named:
        return ec2.describe_subnets(SubnetIds=named)["Subnets"][0]["VpcId"]
    return ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]


def watch_copy(world, deployment):
    """Looks at the copied group until it has an instance in service or the deployment has ended."""
    green, copy = f"{names.COPIES}{deployment}", Copy()

    def look():
        told = read_deployment(world, deployment)
        groups = world.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[green])
        for group in groups["AutoScalingGroups"]:
            copy.see(group, list_hooks(world, green))
        if "InService" in copy.states:
            return f"an instance was in service. {STOPPED}"
        return f"the deployment had ended: {tell_status(told)}" if told["status"] in OVER else None

    until = yield from wait_until(make_tolerant(look), WITHIN)
    world.answers[KEY] = copy.tell(until or f"{WITHIN} s had passed. {STOPPED}")


def list_hooks(world, group):
    return world.client("autoscaling").describe_lifecycle_hooks(AutoScalingGroupName=group)["LifecycleHooks"]


class Copy:
    """What was seen of the copied group."""

    def __init__(self):
        self.is_there = False
        self.states = []
        self.hooks = {}  # by name: the instances' states when the hook was first seen, and its metadata

    def see(self, group, hooks):
        self.is_there = True
        self.states = [member["LifecycleState"] for member in group["Instances"]]
        for hook in hooks:
            self.hooks.setdefault(hook["LifecycleHookName"], (self.states, hook.get("NotificationMetadata")))

    def tell(self, until):
        if names.HOOK in self.hooks:
            first, metadata = self.hooks[names.HOOK]
            kept = "with its NotificationMetadata" if metadata else "without its NotificationMetadata"
            return f"copied {kept}; first seen when the copy had {first or 'no instance'}"
        if not self.is_there:
            return f"not seen: no group was copied until {until}"
        instances, hooks = ", ".join(self.states) or "none", ", ".join(sorted(self.hooks)) or "none"
        return f"not copied until {until}. Last seen of the copy: instances {instances}; hooks {hooks}"
