"""Holds the roles of template.yaml beside what the functions call, and beside docs/permissions.md.

    permissions.py --write        writes the table of docs/permissions.md
    permissions.py --check        fails if that table is not what the template says
    permissions.py --seen FILE    fails if the calls in FILE, which the tests have noted, are not what the roles allow
"""

import collections
import json
import pathlib
import sys

from samtranslator.yaml_helper import yaml_parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs/permissions.md"
ROLES = {"LaunchGateRole": "launch-gate", "ValidateServiceRole": "validate-service", "TrafficHookRole": "traffic-hook"}
# What Lambda does in the functions' names, and no test can see.
LAMBDAS_OWN = {
    "logs:CreateLogStream", "logs:PutLogEvents",
    "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage",
}


def as_list(value):
    return value if isinstance(value, list) else [value]


def statements():
    """Each statement, with the function that it is for; a policy may stand beside its role, under a condition."""
    resources = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        if name in ROLES:
            for policy in properties["Policies"]:
                for statement in policy["PolicyDocument"]["Statement"]:
                    # One that a condition may leave out counts: [condition, statement, nothing].
                    yield ROLES[name], statement["Fn::If"][1] if "Fn::If" in statement else statement
        elif resource["Type"] == "AWS::IAM::Policy":
            for statement in properties["PolicyDocument"]["Statement"]:
                yield ROLES[properties["Roles"][0]["Ref"]], statement


def allowed():
    """The actions by function, each with its resources as text."""
    actions = collections.defaultdict(lambda: collections.defaultdict(set))
    for function, statement in statements():
        resources = [shown(resource) for resource in as_list(statement["Resource"])]
        for action in as_list(statement["Action"]):
            actions[function][action].update(resources)
    return actions


def shown(resource):
    if isinstance(resource, str):
        return resource
    if "Fn::Sub" in resource:
        text = resource["Fn::Sub"]
        for name in ("Partition", "Region", "AccountId"):
            text = text.replace("${AWS::%s}" % name, "…")
        return text
    if "Fn::GetAtt" in resource:
        return "${" + ".".join(as_list(resource["Fn::GetAtt"])) + "}"
    return json.dumps(resource)


def table():
    lines = ["| function | action | on |", "|---|---|---|"]
    for function, actions in sorted(allowed().items()):
        for action, resources in sorted(actions.items()):
            on = "<br>".join(f"`{resource}`" for resource in sorted(resources))
            lines.append(f"| {function} | `{action}` | {on} |")
    return "\n".join(lines) + "\n"


def with_table(text):
    head, _, rest = text.partition("| function |")
    return head + table() + rest[rest.find("\n\n") + 1 :] if "\n\n" in rest else head + table()


def check():
    text = DOCUMENT.read_text()
    if text != with_table(text):
        return ["docs/permissions.md is not what template.yaml says: run `.venv/bin/python tests/permissions.py --write`"]
    return []


def compare(path):
    called = collections.defaultdict(set)
    for line in pathlib.Path(path).read_text().splitlines():
        function, action = line.split(" ")
        called[function].add(action)
    wrong = []
    for function, actions in sorted(allowed().items()):
        may = set(actions) - LAMBDAS_OWN
        wrong += [f"{function} may call {action}, and no test saw it do so" for action in sorted(may - called[function])]
        wrong += [f"{function} called {action}, which its role does not allow" for action in sorted(called[function] - may)]
        print(f"{function}: {len(called[function])} actions called in the tests, {len(may)} allowed")
    return wrong


def main(words):
    match words:
        case ["--write"]:
            DOCUMENT.write_text(with_table(DOCUMENT.read_text()))
            return []
        case ["--check"]:
            return check()
        case ["--seen", path]:
            return compare(path)
        case _:
            return [__doc__]


sys.exit("\n".join(main(sys.argv[1:])) or None)
