"""Questions that are answered by what the run has seen anyway."""

import collections
import json
import statistics

from capture import read_time

LIFECYCLE = "EC2 Instance-launch Lifecycle Action"


def list_events(world, detail_type=None):
    own = world.capture.list_own(world.instances)
    return [(event, sent) for event, sent in own if detail_type in (None, event["detail-type"])]


def tell_registration_event(world):
    """The payload, if one came for one of the instances."""
    for event, sent in list_events(world):
        if event["source"] == "aws.ssm" and "Registration" in event["detail-type"]:
            late = (sent - read_time(event)).total_seconds()
            payload = json.dumps(event, indent=1)
            return f"sent for EC2 instances, {late:.1f} s after its time:\n\n```json\n{payload}\n```"
    registered = sum(1 for seen in world.instances.values() if seen.registered)
    types = sorted({event["detail-type"] for event, _ in list_events(world) if event["source"] == "aws.ssm"})
    return f"not seen: {registered} instances registered and no such event came. Of aws.ssm came: {types or 'nothing'}"


def tell_registration(world):
    seen = [seen for seen in world.instances.values() if seen.registered]
    if not seen:
        return "not seen"
    delays = sorted((one.registered - one.launched).total_seconds() for one in seen)
    dated = sum(1 for one in seen if "RegistrationDate" in one.information)
    each = ", ".join(f"{delay:.0f}" for delay in delays)
    return f"{each} s from the instance being seen in its group; {dated} of {len(seen)} have a RegistrationDate"


def tell_delays(world):
    """Of each type of event: from its own time to the queue having it."""
    delays = collections.defaultdict(list)
    for event, sent in list_events(world):
        delays[f"{event['source']} {event['detail-type']}"].append((sent - read_time(event)).total_seconds())
    told = [
        f"- {name}: {len(each)} events, {min(each):.1f} to {max(each):.1f} s, median {statistics.median(each):.1f} s"
        for name, each in sorted(delays.items())
    ]
    return "\n" + "\n".join(told) if told else "not seen"


def tell_managed_hook(world):
    hooks = [event["detail"]["LifecycleHookName"] for event, _ in list_events(world, LIFECYCLE)]
    managed = [hook for hook in hooks if hook.startswith("CodeDeploy-managed")]
    if not hooks:
        return "not seen"
    return f"{'yes' if managed else 'no'}: {len(managed)} of {len(hooks)} events were of CodeDeploy's hook"


def tell_origin(world):
    events = [event["detail"] for event, _ in list_events(world, LIFECYCLE)]
    if not events:
        return "not seen"
    with_origin = sum(1 for detail in events if "Origin" in detail)
    return f"{with_origin} of {len(events)} events have Origin and Destination"


def tell_abandoned(world):
    """What the event of the abandoned launch says."""
    for event, _ in list_events(world, "EC2 Instance Launch Unsuccessful"):
        detail = event["detail"]
        return f"StatusCode {detail.get('StatusCode')}, StatusMessage: {detail.get('StatusMessage')}"
    return "not seen"


def tell_no_revision(world):
    continued = [launch for launch in world.launches if (launch.line or {}).get("decision") == "CONTINUE"]
    told = []
    for launch in continued:
        came = world.instances[launch.instance].in_service
        when = f"{(came - launch.settled).total_seconds():.0f} s after the CONTINUE" if came else "not in service"
        told.append(f"{launch.kind}: {when}, deployments {len(launch.line.get('deployments', []))}")
    return "; ".join(told) or "not seen"
