"""Prints the shell script inside an SSM Command document, as the agent would run it."""

import sys

import yaml

with open(sys.argv[1], encoding="utf-8") as file:
    document = yaml.safe_load(file)
for step in document["mainSteps"]:
    if step["action"] == "aws:runShellScript":
        print("\n".join(step["inputs"]["runCommand"]))
