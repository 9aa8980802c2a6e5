"""Prints the shell script of a step of an SSM Command document, as the SSM Agent would run it. Takes FILE and STEP."""

import sys

import yaml

with open(sys.argv[1], encoding="utf-8") as file:
    document = yaml.safe_load(file)
for step in document["mainSteps"]:
    if step["name"] == sys.argv[2]:
        print("\n".join(step["inputs"]["runCommand"]))
