"""How long does CodeDeploy wait for a silent agent at a launch, and what becomes of the launch?

The group of agent-last gets a revision, loses the gate's hook and launches one more instance: its user data installs no
agent, so only CodeDeploy's own hook holds it, and its deployment waits."""

import names
from deployments import await_deployment, deploy, read_deployment, tell_status
from launches import launch_one
from questions.common import await_in_service
from speech import say
from tasks import wait_until

KEY = "silent-agent"


def ask(world):
    launch = yield from await_in_service(world, "agent-last")
    if not launch:
        world.answers[KEY] = "not asked: no launch of the kind agent-last came into service"
        return
    application, group = launch.outputs["ApplicationName"], launch.outputs["DeploymentGroupName"]
    first = yield from await_deployment(world, deploy(world, application, group), world.options.patience)
    if not first or first["status"] != "Succeeded":
        world.answers[KEY] = f"not asked: the first deployment {tell_first(first, world)}"
        return
    deployment = yield from launch_silent(world, launch, application, group)
    yield from await_end(world, deployment)


def launch_silent(world, launch, application, group):
    known = list_deployments(world, application, group)
    scaling = world.client("autoscaling")
    scaling.delete_lifecycle_hook(AutoScalingGroupName=launch.group, LifecycleHookName=names.HOOK)
    instance = yield from launch_one(world, launch.group)
    world.silent = {"instance": instance, "began": world.account.now()}
    say(f"silent agent: {instance} has no agent and no gate; waiting for CodeDeploy's deployment to end")

    def find_new():
        return [one for one in list_deployments(world, application, group) if one not in known]

    found = yield from wait_until(find_new, world.options.patience)
    return found[0] if found else None


def list_deployments(world, application, group):
    asked = {"applicationName": application, "deploymentGroupName": group}
    return world.client("codedeploy").list_deployments(**asked)["deployments"]


def await_end(world, deployment):
    if not deployment:
        world.answers[KEY] = "not seen: the launch began no deployment"
        return
    limit = world.options.silent_minutes * 60
    ended = yield from await_deployment(world, deployment, limit)
    if not ended:
        status = read_deployment(world, deployment)["status"]
        world.answers[KEY] = f"longer than {limit:.0f} s: the deployment was still {status}"
        return
    seen = world.instances[world.silent["instance"]]
    yield from wait_until(lambda: seen.in_service or not seen.state.startswith("Pending"), world.options.patience)
    world.silent |= {"deployed": ended["createTime"], "ended": ended["completeTime"], "status": ended["status"]}
    seconds = (ended["completeTime"] - ended["createTime"]).total_seconds()
    told = f"{seconds:.0f} s from the deployment's creation to its end: {tell_status(ended)}"
    world.answers[KEY] = f"{told}. The instance is then {seen.state}"


def tell_first(ended, world):
    if not ended:
        return f"had not ended after {world.options.patience:.0f} s"
    return f"did not succeed: {tell_status(ended)}"
