"""Does a blue/green deployment that copies a group copy its custom launch hook? Only on request: it launches one more
instance, and needs a target group (which costs nothing without a load balancer)."""

import names
from deployments import create_application, deploy
from questions.common import await_in_service
from speech import say
from tasks import wait_until

KEY = "blue-green"
KIND = "with-user-data"
WITHIN = 600
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
    world.ledger.note("copied groups", names.COPIES)
    # The copy may get the suspended processes of the group too.
    world.client("autoscaling").resume_processes(AutoScalingGroupName=launch.group, ScalingProcesses=["Launch"])
    deployment = deploy(world, name, name)
    say(f"blue/green: {deployment} copies {launch.group}")
    yield from watch_copy(world, f"{names.COPIES}{deployment}")
    world.client("codedeploy").stop_deployment(deploymentId=deployment)


def create_target_group(world):
    name = names.name_application("green")
    vpcs = world.client("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    place = {"Protocol": "HTTP", "Port": 80, "VpcId": vpcs[0]["VpcId"] if vpcs else "", "TargetType": "instance"}
    with world.ledger.creating("target group", name):
        world.client("elbv2").create_target_group(Name=name, Tags=names.list_tags(world.run), **place)
    return name


def watch_copy(world, green):
    """Notes with which instances each hook was first seen, until an instance is in service."""
    hooks, states = {}, []

    def look():
        scaling = world.client("autoscaling")
        told = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[green])["AutoScalingGroups"]
        states[:] = [member["LifecycleState"] for group in told for member in group["Instances"]]
        for hook in list_hooks(world, green) if told else []:
            hooks.setdefault(hook["LifecycleHookName"], (list(states), hook.get("NotificationMetadata")))
        return told and "InService" in states

    done = yield from wait_until(look, WITHIN)
    until = "an instance was in service" if done else f"{WITHIN} s had passed"
    world.answers[KEY] = tell(hooks, states, until)


def list_hooks(world, group):
    return world.client("autoscaling").describe_lifecycle_hooks(AutoScalingGroupName=group)["LifecycleHooks"]


def tell(hooks, states, until):
    if names.HOOK in hooks:
        first, metadata = hooks[names.HOOK]
        kept = "with its NotificationMetadata" if metadata else "without its NotificationMetadata"
        return f"copied {kept}; first seen when the copy had {first or 'no instance'}"
    seen = f"instances: {', '.join(states) or 'none'}; hooks: {', '.join(sorted(hooks)) or 'none'}"
    return f"not copied until {until} ({seen}). The deployment was stopped then"
