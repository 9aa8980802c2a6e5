"""Prints the user data of the launch template in a stack's template, as an instance in us-east-1 would get it."""

import re
import sys

import yaml

PSEUDO = {"Region": "us-east-1", "URLSuffix": "amazonaws.com", "Partition": "aws"}


def construct_intrinsic(loader, _tag, node):
    """Reads a short-form intrinsic (`!Sub`, `!Ref`) as its plain value."""
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    make = loader.construct_sequence if isinstance(node, yaml.SequenceNode) else loader.construct_mapping
    return make(node, deep=True)


yaml.SafeLoader.add_multi_constructor("!", construct_intrinsic)
with open(sys.argv[1], encoding="utf-8") as file:
    template = yaml.safe_load(file)
data = template["Resources"]["LaunchTemplate"]["Properties"]["LaunchTemplateData"]["UserData"]
script = data["Fn::If"][1]["Fn::Base64"]
print(re.sub(r"\$\{AWS::(\w+)\}", lambda name: PSEUDO[name[1]], script), end="")
