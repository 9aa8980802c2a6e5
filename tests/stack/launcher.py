"""Starts ministack, the server of the local stack, and adds to it what this project needs.

1. AWS::SSM::Document and AWS::AutoScaling::AutoScalingGroup. CloudFormation creates, updates and deletes them in the
   fleet, through its APIs (AWS_ENDPOINT_URL_SSM, AWS_ENDPOINT_URL_AUTO_SCALING), because ministack's own groups have no
   hooks and launch nothing.
2. AWS::CodeDeploy::Application and ::DeploymentGroup, in the fleet too if they deploy to servers. Those that move an alias
   only get a name, for the fleet has no Lambda; and so does AWS::Logs::QueryDefinition.
3. The variable RUNNER: the command that starts each function, such as an emulator of another processor.
4. Events whose source begins with `aws.`. PutEvents refuses them, as AWS does, but here the fleet must send them.

When its standard input closes, it ends together with everything it started. So it cannot outlive the process that
started it.
"""

import functools
import json
import os
import secrets
import signal
import subprocess
import sys
import threading

import botocore.session
from ministack import app
from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

RUNNER = os.environ.pop("RUNNER", "").split()  # taken out, because ministack hands its environment on to the functions


class StartedByRunner(subprocess.Popen):
    """A process of ministack. If it is that of a function, RUNNER starts it."""

    def __init__(self, command, *more, **options):
        is_function = isinstance(command, list) and os.path.basename(command[0]) == "bootstrap"
        super().__init__(RUNNER + command if is_function else command, *more, **options)


def connect_to_fleet(service, variable):
    return botocore.session.get_session().create_client(service, endpoint_url=os.environ[variable])


def ssm():
    return connect_to_fleet("ssm", "AWS_ENDPOINT_URL_SSM")


def autoscaling():
    return connect_to_fleet("autoscaling", "AWS_ENDPOINT_URL_AUTO_SCALING")


def make_unique_name(logical_id, stack_name):
    return f"{stack_name}-{logical_id}-{secrets.token_hex(6)}"


def create_document(logical_id, props, stack_name):
    name = props.get("Name") or make_unique_name(logical_id, stack_name)
    ssm().create_document(
        Name=name,
        Content=json.dumps(props["Content"]),
        DocumentType=props.get("DocumentType", "Command"),
        DocumentFormat=props.get("DocumentFormat", "JSON"),
    )
    return name, {}


def update_document(name, old, new, _stack_name):
    if new["Content"] != old["Content"]:  # the API refuses a new version with the same content
        answer = ssm().update_document(Name=name, Content=json.dumps(new["Content"]), DocumentVersion="$LATEST")
        version = answer["DocumentDescription"]["DocumentVersion"]
        ssm().update_document_default_version(Name=name, DocumentVersion=version)
    return name, {}


def delete_document(name, _props):
    ssm().delete_document(Name=name)


def make_api_arguments(props):
    """Converts the properties of a group to arguments of the API. CloudFormation passes numbers as text."""
    hooks = [dict(hook, HeartbeatTimeout=int(hook["HeartbeatTimeout"])) for hook in props.get("LifecycleHookSpecificationList", [])]
    sizes = {size: int(props[size]) for size in ("MinSize", "MaxSize", "DesiredCapacity") if size in props}
    # ministack does not resolve Fn::GetAZs inside Fn::If.
    zones = [zone for zone in props.get("AvailabilityZones") or [] if isinstance(zone, str)] or ["us-east-1a"]
    group = sizes | {"AvailabilityZones": zones, "LaunchTemplate": props["LaunchTemplate"]}
    return group | ({"LifecycleHookSpecificationList": hooks} if hooks else {})


def create_group(logical_id, props, stack_name):
    name = props.get("AutoScalingGroupName") or make_unique_name(logical_id, stack_name)
    autoscaling().create_auto_scaling_group(AutoScalingGroupName=name, **make_api_arguments(props))
    return name, {}


def update_group(name, _old, new, _stack_name):
    changed = make_api_arguments(new)
    changed.pop("LifecycleHookSpecificationList", None)
    autoscaling().update_auto_scaling_group(AutoScalingGroupName=name, **changed)
    return name, {}


def delete_group(name, _props):
    autoscaling().delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)


def codedeploy():
    return connect_to_fleet("codedeploy", "AWS_ENDPOINT_URL_CODEDEPLOY")


def create_application(logical_id, props, stack_name):
    name = make_unique_name(logical_id, stack_name)
    if props.get("ComputePlatform", "Server") == "Server":
        codedeploy().create_application(applicationName=name, computePlatform="Server")
    return name, {}


def is_of_servers(application):
    return application in codedeploy().list_applications()["applications"]


def create_deployment_group(logical_id, props, stack_name):
    name, application = make_unique_name(logical_id, stack_name), props["ApplicationName"]
    if is_of_servers(application):
        codedeploy().create_deployment_group(
            applicationName=application,
            deploymentGroupName=name,
            serviceRoleArn=props["ServiceRoleArn"],
            deploymentConfigName=props.get("DeploymentConfigName", "CodeDeployDefault.OneAtATime"),
            autoScalingGroups=props.get("AutoScalingGroups", []),
        )
    return name, {}


def delete_application(name, _props):
    if is_of_servers(name):
        codedeploy().delete_application(applicationName=name)


def delete_deployment_group(name, props):
    if is_of_servers(props["ApplicationName"]):
        codedeploy().delete_deployment_group(applicationName=props["ApplicationName"], deploymentGroupName=name)


def keep(name, _old, _new, _stack_name):
    return name, {}


def create_name(logical_id, _props, stack_name):
    return make_unique_name(logical_id, stack_name), {}


def end_with_standard_input():
    sys.stdin.buffer.read()
    os.killpg(os.getpgrp(), signal.SIGKILL)


provisioners._RESOURCE_HANDLERS["AWS::SSM::Document"] = {
    "create": create_document,
    "update": update_document,
    "delete": delete_document,
}
provisioners._RESOURCE_HANDLERS["AWS::AutoScaling::AutoScalingGroup"] = {
    "create": create_group,
    "update": update_group,
    "delete": delete_group,
}
for kind, create, delete in (
    ("CodeDeploy::Application", create_application, delete_application),
    ("CodeDeploy::DeploymentGroup", create_deployment_group, delete_deployment_group),
    ("Logs::QueryDefinition", create_name, lambda _name, _props: None),
):
    provisioners._RESOURCE_HANDLERS[f"AWS::{kind}"] = {"create": create, "update": keep, "delete": delete}
eventbridge._put_events = functools.partial(eventbridge._put_events, allow_aws_source=True)
subprocess.Popen = StartedByRunner

threading.Thread(target=end_with_standard_input, daemon=True).start()
app.main()
