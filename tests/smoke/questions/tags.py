"""How long do tags lag? A deployment group selects instances by a tag; after CreateTags deployments are begun until one
has the instance."""

import names
from deployments import OVER, create_application, deploy, end_deployment, read_deployment, tell_status
from questions.common import await_in_service
from speech import say
from tasks import make_tolerant, pause, wait_until

KEY = "tags"
TAG = f"{names.PREFIX}-question"
# AWS says "several minutes", and to wait at least five (aws-facts 12.6): three times the patience is 15 minutes.
TIMES_PATIENCE = 3
# Seconds in which a deployment tells its instances, or that it has none.
TARGET_WITHIN = 60
FOUND, NONE = "found", "none"


def ask(world):
    launch = yield from await_in_service(world, "with-user-data")
    if not launch:
        world.answers[KEY] = "not asked: no launch of the kind with-user-data came into service"
        return
    chosen = [{"Key": TAG, "Value": world.run, "Type": "KEY_AND_VALUE"}]
    name = create_application(world, "tags", launch, ec2TagFilters=chosen)
    world.client("ec2").create_tags(Resources=[launch.instance], Tags=[{"Key": TAG, "Value": world.run}])
    tagged = world.account.now()
    say(f"tags: {launch.instance} of {launch.group} is tagged {TAG}={world.run}")
    tried = yield from try_until_found(world, name, tagged)
    world.answers[KEY] = tried


def try_until_found(world, name, tagged):
    """Begins one deployment after the other: a deployment group has one at a time (aws-facts 12.2)."""
    in_vain, within = 0, TIMES_PATIENCE * world.options.patience
    while (begun := (world.account.now() - tagged).total_seconds()) < within:
        deployment = deploy(world, name, name)
        look = make_tolerant(lambda id=deployment: has_target(world, id))
        seen = yield from wait_until(look, TARGET_WITHIN)
        if seen == FOUND:
            told = f"a deployment that was begun {begun:.0f} s after CreateTags had the instance"
            return f"{told}; {in_vain} before it had none"
        if seen not in (NONE, None):
            return f"not seen: {deployment} ended otherwise: {seen}"
        in_vain += 1
        if not (yield from end_deployment(world, deployment)):
            return f"not seen: {deployment}, which had no instance, goes on after it was stopped, so no other can begin"
        yield from pause(2 * world.options.pause)
    return f"not seen: {in_vain} deployments in {within:.0f} s after CreateTags had no instance"


def has_target(world, deployment):
    """FOUND, NONE, how it has ended otherwise, or nothing as long as it cannot be told."""
    told = read_deployment(world, deployment)
    if sum(told.get("deploymentOverview", {}).values()):
        return FOUND
    if told.get("errorInformation", {}).get("code") == "NO_INSTANCES":
        return NONE
    return tell_status(told) if told["status"] in OVER else None
