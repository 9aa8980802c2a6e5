"""What the user may choose."""

import argparse
import pathlib

import names

ABOUT = """Launches a few instances under Launchgate in your own account, compares what becomes of them with what is
predicted, answers open questions of docs/aws-facts.md, and removes everything. See docs/smoke.md."""
KINDS = names.ROOT / "tests/smoke/kinds.json"
BUILT = names.ROOT / ".aws-sam/build/template.yaml"
OPTIONAL = {"silent-agent": True, "tags": True, "quiet-queue": True, "blue-green": False}


def read_options():
    parser = argparse.ArgumentParser(prog="make smoke OPTIONS='…', or tests/smoke", description=ABOUT)
    add = parser.add_argument
    add("--yes", action="store_true", help="do not ask before anything is created (for the rehearsal)")
    add("--ask", action="append", default=[], choices=list(OPTIONAL), help="also answer this question: blue-green")
    add("--skip", action="append", default=[], choices=list(OPTIONAL), help="leave out this question")
    add("--subnets", default="", help="SUBNET,SUBNET: must reach port 443 outside (those of the default VPC)")
    add("--kinds", type=pathlib.Path, default=KINDS, help="the launches and what is predicted")
    add("--template", type=pathlib.Path, default=BUILT, help="what `make build` made")
    add("--out", type=pathlib.Path, default=names.ROOT / "target/smoke", help="folder for the files of the run")
    add("--silent-minutes", type=float, default=65, help="how long CodeDeploy may wait for a silent agent (65)")
    add("--patience", type=float, default=300, help="seconds to wait beyond a predicted time, or without one (300)")
    add("--pause", type=float, default=5, help="seconds between two looks at the account (5)")
    return parser.parse_args()


def list_questions(options):
    """The questions that need something of their own to be done."""
    chosen = {name for name, usual in OPTIONAL.items() if usual} | set(options.ask)
    return [name for name in OPTIONAL if name in chosen - set(options.skip)]
