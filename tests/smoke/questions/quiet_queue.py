"""How long does a lone message in the quiet launch queue wait for its invocation? A message that is no event is dropped
and counted by launch-gate, in the last line of the invocation."""

import statistics

from tasks import wait_until

KEY = "quiet-queue"
TIMES = 3
WITHIN = 120


def ask(world):
    yield from wait_until(lambda: all(launch.line is not None for launch in world.launches))
    delays = []
    for time in range(TIMES):
        yield from wait_until(lambda: False, 4 * world.options.pause)
        delay = yield from measure(world, time + 1)
        if delay is not None:
            delays.append(delay)
    if not delays:
        world.answers[KEY] = f"not seen: no line told of a dropped message in {WITHIN} s"
        return
    each = ", ".join(f"{delay:.1f}" for delay in delays)
    median = statistics.median(delays)
    world.answers[KEY] = f"median {median:.1f} s from the send to the invocation's last line ({each} s)"


def measure(world, time):
    known = len(world.log.lines)
    sent = world.account.now()
    queue, text = world.outputs["LaunchQueueUrl"], f"launchgate-smoke asks how long this message waits ({time})"
    world.client("sqs").send_message(QueueUrl=queue, MessageBody=text)

    def find_dropped():
        new = world.log.lines[known:]
        return [moment for moment, line in new if line.get("message") == "batch" and line.get("dropped", 0) > 0]

    found = yield from wait_until(find_dropped, WITHIN)
    return (found[0] - sent).total_seconds() if found else None
