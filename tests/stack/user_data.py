"""Prints the user data of a template's launch template, as an instance in us-east-1 would get it."""

import re
import sys

import yaml

PSEUDO = {"Region": "us-east-1", "URLSuffix": "amazonaws.com", "Partition": "aws"}


def written_out(loader, _tag, node):
    """Short-form intrinsics are not looked into, but for their text."""
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    make = loader.construct_sequence if isinstance(node, yaml.SequenceNode) else loader.construct_mapping
    return make(node, deep=True)


yaml.SafeLoader.add_multi_constructor("!", written_out)
with open(sys.argv[1], encoding="utf-8") as file:
    template = yaml.safe_load(file)
data = template["Resources"]["LaunchTemplate"]["Properties"]["LaunchTemplateData"]["UserData"]
script = data["Fn::If"][1]["Fn::Base64"]
print(re.sub(r"\$\{AWS::(\w+)\}", lambda name: PSEUDO[name[1]], script), end="")
