"""The course of each launch: when it was in which state. For the timeline, and as text."""

from botocore.exceptions import ClientError


def read_runs(world, instance):
    """When readiness runs and repairs began on the instance."""
    outputs = world.outputs
    documents = {outputs.get("ReadinessDocumentName"): "run", outputs.get("InstallDocumentName"): "repairing"}
    pages = world.client("ssm").get_paginator("list_command_invocations")
    try:
        found = [run for page in pages.paginate(InstanceId=instance) for run in page["CommandInvocations"]]
    except ClientError:
        return []  # an instance that Systems Manager never knew
    runs = [(run["RequestedDateTime"], documents.get(run["DocumentName"])) for run in found]
    return sorted((moment, state) for moment, state in runs if state)


def trace_launch(world, launch):
    """(seconds, state or event) of a launch under the gate, and its end."""
    began, seen = launch.began, world.instances[launch.instance]
    states, marks = [(began, "booting"), *read_runs(world, launch.instance)], []
    if seen.registered:
        marks.append((seen.registered, "registered"))
    if launch.settled:
        marks.append((launch.settled, launch.line["decision"]))
        held = launch.line["decision"] == "CONTINUE"
        states.append((launch.settled, "waiting-for-codedeploy" if held else "ended"))
    if seen.in_service:
        states.append((seen.in_service, "in-service"))
        marks.append((seen.in_service, "in service"))
    end = f"{launch.line['decision']}: {launch.line['reason']}" if launch.settled else "no settled line"
    return make_row(launch.instance, launch.kind, began, states, marks, end)


def trace_silent(world):
    """The launch without the gate, if that question was asked."""
    told = world.silent
    if not told:
        return []
    began, seen = told["began"], world.instances[told["instance"]]
    states, marks = [(began, "booting")], []
    if "deployed" in told:
        states += [(told["deployed"], "waiting-for-codedeploy"), (told["ended"], "ended")]
        marks.append((told["ended"], f"deployment {told['status']}"))
    if seen.registered:
        marks.append((seen.registered, "registered"))
    end = f"deployment {told['status']}" if "status" in told else "the deployment has not ended"
    return [make_row(told["instance"], "silent-agent", began, states, marks, end)]


def make_row(instance, kind, began, states, marks, end):
    def after(moment):
        return max(0, round((moment - began).total_seconds()))

    states = sorted((after(moment), order, state) for order, (moment, state) in enumerate(states))
    ends = [at for at, _, _ in states[1:]] + [None]
    spans = [{"from": at, "to": to, "state": state} for (at, _, state), to in zip(states, ends)]
    marks = [{"at": after(moment), "event": event} for moment, event in sorted(marks)]
    return {"instance": instance, "group": kind, "spans": spans, "marks": marks, "end": end}


def close_rows(rows):
    """The last state goes on to the end of the lane."""
    begins = [span["from"] for row in rows for span in row["spans"]]
    last = max(begins + [mark["at"] for row in rows for mark in row["marks"]], default=0) + 10
    for row in rows:
        row["spans"][-1]["to"] = last
        row["spans"] = [span for span in row["spans"] if span["to"] > span["from"]]
    return rows


def trace_lanes(world):
    gated = close_rows([trace_launch(world, launch) for launch in world.launches if launch.instance])
    lanes = [{"name": "with the gate", "rows": gated}]
    silent = close_rows(trace_silent(world))
    return lanes + ([{"name": "without the gate", "rows": silent}] if silent else [])


def tell_course(lanes):
    for lane in lanes:
        yield f"{lane['name']}:"
        for row in lane["rows"]:
            steps = ", ".join(f"{span['from']} s {span['state']}" for span in row["spans"])
            yield f"  {row['group']:<15} {row['instance']}  {steps}; {row['end']}"

