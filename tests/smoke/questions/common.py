"""What several questions need."""

from account import AWS_FAILS
from errors import RunFailed
from launches import find_launch
from tasks import wait_until

# CodeDeploy's hook is to let the instance through.
IN_SERVICE_WITHIN = 900


def await_in_service(world, kind):
    """The launch of this kind once it is in service; None if it will not be."""
    launch = next((launch for launch in world.launches if launch.kind == kind), None)
    if not launch:
        return None
    yield from wait_until(lambda: launch.line is not None)
    if launch.line.get("decision") != "CONTINUE":
        return None
    return (yield from wait_until(lambda: find_launch(world, kind), IN_SERVICE_WITHIN))


def guard(world, key, question):
    """What AWS refuses of a question is its answer; the other questions go on."""
    try:
        yield from question
    except (*AWS_FAILS, RunFailed) as error:
        world.answers[key] = f"could not be asked: {error}"
