"""Compares the roles of template.yaml with the AWS calls of the functions and with docs/permissions.md.

    permissions.py --write        writes the table of docs/permissions.md
    permissions.py --check        fails if that table differs from the template
    permissions.py --seen FILE    fails if the roles do not allow exactly the calls in FILE, which the tests recorded
"""

import collections
import json
import pathlib
import sys

from samtranslator.yaml_helper import yaml_parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs/permissions.md"
ROLES = {"LaunchGateRole": "launch-gate", "ValidateServiceRole": "validate-service", "TrafficHookRole": "traffic-hook"}
# Actions that Lambda itself performs with the functions' roles, or that go to the queue of ministack. The tests cannot
# record them.
LAMBDA_ACTIONS = {
    "logs:CreateLogStream", "logs:PutLogEvents",
    "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage",
}


def as_list(value):
    return value if isinstance(value, list) else [value]


def read_statements():
    """Yields each policy statement with the function whose role it belongs to; also those of separate policies."""
    resources = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        if name in ROLES:
            for policy in properties["Policies"]:
                for statement in policy["PolicyDocument"]["Statement"]:
                    # A statement that a condition may leave out counts as well: [condition, statement, nothing].
                    yield ROLES[name], statement["Fn::If"][1] if "Fn::If" in statement else statement
        elif resource["Type"] == "AWS::IAM::Policy":
            for statement in properties["PolicyDocument"]["Statement"]:
                yield ROLES[properties["Roles"][0]["Ref"]], statement


def read_allowed_actions():
    """The actions by function, each with its resources as text."""
    actions = collections.defaultdict(lambda: collections.defaultdict(set))
    for function, statement in read_statements():
        resources = [format_resource(resource) for resource in as_list(statement["Resource"])]
        for action in as_list(statement["Action"]):
            actions[function][action].update(resources)
    return actions


def format_resource(resource):
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


def make_table():
    lines = ["| function | action | on |", "|---|---|---|"]
    for function, actions in sorted(read_allowed_actions().items()):
        for action, resources in sorted(actions.items()):
            on = "<br>".join(f"`{resource}`" for resource in sorted(resources))
            lines.append(f"| {function} | `{action}` | {on} |")
    return "\n".join(lines) + "\n"


def replace_table(text):
    head, _, rest = text.partition("| function |")
    return head + make_table() + rest[rest.find("\n\n") + 1 :] if "\n\n" in rest else head + make_table()


def check_document():
    text = DOCUMENT.read_text()
    if text != replace_table(text):
        return ["docs/permissions.md differs from template.yaml: run `.venv/bin/python tests/permissions.py --write`"]
    return []


def compare_with_calls(path):
    called = collections.defaultdict(set)
    for line in pathlib.Path(path).read_text().splitlines():
        function, action = line.split(" ")
        called[function].add(action)
    wrong = []
    for function, actions in sorted(read_allowed_actions().items()):
        may = set(actions) - LAMBDA_ACTIONS
        wrong += [f"{function} may call {action}, but did not in any test" for action in sorted(may - called[function])]
        wrong += [f"{function} called {action}, which its role does not allow" for action in sorted(called[function] - may)]
        print(f"{function}: {len(called[function])} actions called in the tests, {len(may)} allowed")
    return wrong


def main(arguments):
    match arguments:
        case ["--write"]:
            DOCUMENT.write_text(replace_table(DOCUMENT.read_text()))
            return []
        case ["--check"]:
            return check_document()
        case ["--seen", path]:
            return compare_with_calls(path)
        case _:
            return [__doc__]


sys.exit("\n".join(main(sys.argv[1:])) or None)
