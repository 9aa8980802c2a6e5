"""How long does a lone message in the quiet launch queue wait for its invocation? launch-gate drops a message that is
no event, and a line of its log names the message's id."""

import statistics

from tasks import pause, wait_until

KEY = "quiet-queue"
TIMES = 3
WITHIN = 120


def ask(world):
    yield from wait_until(lambda: all(launch.line is not None for launch in world.launches))
    delays = []
    for time in range(TIMES):
        yield from pause(4 * world.options.pause)
        delay = yield from measure(world, time + 1)
        if delay is not None:
            delays.append(delay)
    if not delays:
        world.answers[KEY] = f"not seen: no line named one of the {TIMES} messages in {WITHIN} s"
        return
    each = ", ".join(f"{delay:.1f}" for delay in delays)
    median = statistics.median(delays)
    world.answers[KEY] = f"median {median:.1f} s from the send to the line that names the message ({each} s)"


def measure(world, time):
    sent = world.account.now()
    queue, text = world.outputs["LaunchQueueUrl"], f"launchgate-smoke asks how long this message waits ({time})"
    message = world.client("sqs").send_message(QueueUrl=queue, MessageBody=text)["MessageId"]
    found = yield from wait_until(lambda: find_dropped(world, message), WITHIN)
    return (found[0] - sent).total_seconds() if found else None


def find_dropped(world, message):
    """When a line named this message. The members of a warning stand in `fields`."""
    lines = [(moment, line.get("fields")) for moment, line in world.log.lines if isinstance(line, dict)]
    return [moment for moment, fields in lines if isinstance(fields, dict) and fields.get("message_id") == message]
