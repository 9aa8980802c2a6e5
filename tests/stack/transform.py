"""Prints template.yaml after SAM's transform, as CloudFormation gets it. Takes template parameters as NAME=VALUE."""

import json
import os
import pathlib
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class ManagedPolicies:
    """Replaces the call to IAM with which the transform reads the ARNs of managed policies."""

    def load(self):
        name = "AWSCodeDeployRoleForLambda"
        return {name: f"arn:aws:iam::aws:policy/service-role/{name}"}


template = yaml_parse((ROOT / "template.yaml").read_text())
for resource in template["Resources"].values():
    if "CodeUri" in resource.get("Properties", {}):
        resource["Properties"]["CodeUri"] = "s3://bucket/" + resource["Properties"]["CodeUri"]  # as after the upload by `sam deploy`
given = dict(word.split("=", 1) for word in sys.argv[1:])
json.dump(transform(template, given, ManagedPolicies()), sys.stdout)
