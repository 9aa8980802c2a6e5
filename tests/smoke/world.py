"""What the tasks of a run share: the account, what was created in it, and what was seen of it so far."""

import dataclasses
import datetime

from capture import Capture
from logs import Log
from speech import say
from tasks import make_tolerant


@dataclasses.dataclass
class Seen:
    """An instance, and when its states were first seen."""

    group: str
    launched: datetime.datetime
    state: str = ""
    registered: datetime.datetime | None = None
    in_service: datetime.datetime | None = None
    information: dict | None = None


class World:
    def __init__(self, account, options, ledger, run):
        self.account, self.options, self.ledger, self.run = account, options, ledger, run
        self.capture = Capture(account)
        self.log = None
        self.bucket = None
        self.outputs = {}
        self.groups = []
        self.instances = {}
        self.launches = []
        self.failures = []
        self.silent = None
        self.answers = {}
        # One look at the account. The tasks read what it has seen.
        self.look = make_tolerant(self.see_all)

    def client(self, service):
        return self.account.client(service)

    def gate_deployed(self, outputs):
        self.outputs = outputs
        self.log = Log(self.account, outputs["LaunchGateLogGroup"])

    def see_all(self):
        self.capture.read()
        self.log.read()
        if self.groups:
            self.look_at_groups()
            self.look_at_agents()

    def look_at_groups(self):
        told = self.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=self.groups)
        for group in told["AutoScalingGroups"]:
            for member in group["Instances"]:
                self.see(group["AutoScalingGroupName"], member["InstanceId"], member["LifecycleState"])

    def see(self, group, instance, state):
        now = self.account.now()
        seen = self.instances.get(instance)
        if not seen:
            seen = self.instances[instance] = Seen(group, now)
            say(f"{group}: {instance} is launched")
        if state != seen.state:
            seen.state = state
            say(f"{group}: {instance} is {state}")
        if state == "InService" and not seen.in_service:
            seen.in_service = now

    def look_at_agents(self):
        wanted = [instance for instance, seen in self.instances.items() if not seen.registered]
        if not wanted:
            return
        filters = [{"Key": "InstanceIds", "Values": wanted}]
        told = self.client("ssm").describe_instance_information(Filters=filters)
        for information in told["InstanceInformationList"]:
            seen = self.instances[information["InstanceId"]]
            seen.registered, seen.information = self.account.now(), information
            say(f"{seen.group}: {information['InstanceId']} is registered with Systems Manager")

    def list_members(self, group):
        return [instance for instance, seen in self.instances.items() if seen.group == group]
