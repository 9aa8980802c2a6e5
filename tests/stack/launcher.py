"""The server of the local stack: ministack, and what it lacks for this project.

1. AWS::SSM::Document and AWS::AutoScaling::AutoScalingGroup. CloudFormation makes, changes and deletes them in the
   fleet, through its APIs (AWS_ENDPOINT_URL_SSM, AWS_ENDPOINT_URL_AUTO_SCALING): ministack's own groups have no hooks
   and launch nothing.
2. AWS::CodeDeploy::Application and ::DeploymentGroup: names and no more, since nothing here is CodeDeploy.
3. Events whose source begins with `aws.`. PutEvents refuses them, as on AWS; here the fleet is AWS.

It ends with everything it started as soon as its standard input closes, so it cannot outlive who started it.
"""

import functools
import json
import os
import secrets
import signal
import sys
import threading

import botocore.session
from ministack import app
from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners


def fleet(service, variable):
    return botocore.session.get_session().create_client(service, endpoint_url=os.environ[variable])


def ssm():
    return fleet("ssm", "AWS_ENDPOINT_URL_SSM")


def autoscaling():
    return fleet("autoscaling", "AWS_ENDPOINT_URL_AUTO_SCALING")


def unique(logical_id, stack_name):
    return f"{stack_name}-{logical_id}-{secrets.token_hex(6)}"


def create_document(logical_id, props, stack_name):
    name = props.get("Name") or unique(logical_id, stack_name)
    ssm().create_document(
        Name=name,
        Content=json.dumps(props["Content"]),
        DocumentType=props.get("DocumentType", "Command"),
        DocumentFormat=props.get("DocumentFormat", "JSON"),
    )
    return name, {}


def update_document(name, old, new, _stack_name):
    if new["Content"] != old["Content"]:  # the API refuses a version that changes nothing
        answer = ssm().update_document(Name=name, Content=json.dumps(new["Content"]), DocumentVersion="$LATEST")
        version = answer["DocumentDescription"]["DocumentVersion"]
        ssm().update_document_default_version(Name=name, DocumentVersion=version)
    return name, {}


def delete_document(name, _props):
    ssm().delete_document(Name=name)


def group_of(props):
    """The properties of a group as the API takes them: CloudFormation writes numbers as text."""
    hooks = [dict(hook, HeartbeatTimeout=int(hook["HeartbeatTimeout"])) for hook in props.get("LifecycleHookSpecificationList", [])]
    sizes = {size: int(props[size]) for size in ("MinSize", "MaxSize", "DesiredCapacity") if size in props}
    # ministack does not resolve Fn::GetAZs inside Fn::If.
    zones = [zone for zone in props.get("AvailabilityZones") or [] if isinstance(zone, str)] or ["us-east-1a"]
    group = sizes | {"AvailabilityZones": zones, "LaunchTemplate": props["LaunchTemplate"]}
    return group | ({"LifecycleHookSpecificationList": hooks} if hooks else {})


def create_group(logical_id, props, stack_name):
    name = props.get("AutoScalingGroupName") or unique(logical_id, stack_name)
    autoscaling().create_auto_scaling_group(AutoScalingGroupName=name, **group_of(props))
    return name, {}


def update_group(name, _old, new, _stack_name):
    changed = group_of(new)
    changed.pop("LifecycleHookSpecificationList", None)
    autoscaling().update_auto_scaling_group(AutoScalingGroupName=name, **changed)
    return name, {}


def delete_group(name, _props):
    autoscaling().delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)


def create_name(logical_id, _props, stack_name):
    return unique(logical_id, stack_name), {}


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
for kind in ("Application", "DeploymentGroup"):
    provisioners._RESOURCE_HANDLERS[f"AWS::CodeDeploy::{kind}"] = {
        "create": create_name,
        "update": lambda name, _old, _new, _stack_name: (name, {}),
        "delete": lambda _name, _props: None,
    }
eventbridge._put_events = functools.partial(eventbridge._put_events, allow_aws_source=True)

threading.Thread(target=end_with_standard_input, daemon=True).start()
app.main()
