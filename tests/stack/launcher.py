"""The server of the local stack: ministack, and the two things it lacks for this project.

1. AWS::SSM::Document. CloudFormation makes, changes and deletes it in the fleet, through the fleet's SSM API
   (AWS_ENDPOINT_URL_SSM).
2. Events whose source begins with `aws.`. PutEvents refuses them, as on AWS; here the fleet is AWS.

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


def ssm():
    return botocore.session.get_session().create_client("ssm", endpoint_url=os.environ["AWS_ENDPOINT_URL_SSM"])


def create_document(logical_id, props, stack_name):
    name = props.get("Name") or f"{stack_name}-{logical_id}-{secrets.token_hex(6)}"
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


def end_with_standard_input():
    sys.stdin.buffer.read()
    os.killpg(os.getpgrp(), signal.SIGKILL)


provisioners._RESOURCE_HANDLERS["AWS::SSM::Document"] = {
    "create": create_document,
    "update": update_document,
    "delete": delete_document,
}
eventbridge._put_events = functools.partial(eventbridge._put_events, allow_aws_source=True)

threading.Thread(target=end_with_standard_input, daemon=True).start()
app.main()
