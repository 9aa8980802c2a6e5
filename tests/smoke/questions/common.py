"""What several questions need."""

from account import AWS_FAILS
from errors import RunFailed
from launches import find_launch
from tasks import wait_until

# Seconds from the CONTINUE to InService. CodeDeploy's own hook may hold the instance for 600 s (aws-facts 3.1).
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
    """What AWS refuses of a question is its answer, or comes after it. The other questions go on."""
    try:
        yield from question
    except (*AWS_FAILS, RunFailed) as error:
        answer = world.answers.get(key)
        world.answers[key] = f"{answer}. After this answer: {error}" if answer else f"could not be asked: {error}"
