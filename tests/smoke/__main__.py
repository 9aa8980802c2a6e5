"""`make smoke`: see docs/smoke.md."""

import datetime
import json
import sys
import traceback

import signals
from account import AWS_FAILS, Account
from errors import CannotBegin, Interrupted, RunFailed
from ledger import Ledger
from options import read_options
from plan import ask_consent, tell_plan
from preconditions import choose_kinds, require_network
from run import launch_and_ask
from speech import say, tell, warn
from taken import refuse_taken
from world import World

# Exit codes: as predicted and all removed; not as predicted, or something is left; nothing was begun; ctrl-C.
MET, FAILED, NOT_BEGUN, INTERRUPTED = 0, 1, 2, 130


def main():
    options = read_options()
    try:
        world, kinds = begin(options)
    except (CannotBegin, OSError, ValueError) as error:
        warn(error)
        return NOT_BEGUN
    except Interrupted:
        tell("")
        warn("interrupted; nothing was created")
        return INTERRUPTED
    return run_and_remove(world, kinds)


def begin(options):
    """Everything that only reads, the consent, and the folder of the report."""
    kinds = json.loads(options.kinds.read_text(encoding="utf-8"))
    if not options.template.exists():
        raise CannotBegin(f"{options.template} is missing: `make build` makes it")
    account = Account()
    try:
        refuse_taken(account)
        require_network(account, options)
        kinds = choose_kinds(account, kinds)
    except AWS_FAILS as error:
        raise CannotBegin(f"AWS refuses to tell what exists: {error}") from error
    tell_plan(account, kinds, options)
    ask_consent(account, options)
    options.out.mkdir(parents=True, exist_ok=True)
    run = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return World(account, options, Ledger(account, options), run), kinds


def run_and_remove(world, kinds):
    """The removal stands in `finally`: a signal may come at any line, also while an error is told."""
    code = FAILED
    try:
        code = run_to_the_end(world, kinds)
        signals.stop_raising()
    except Interrupted:
        code = INTERRUPTED
        say("interrupted: no report; everything that was created is removed now, which takes minutes")
    finally:
        nothing_left = world.ledger.remove_all()
    return end(nothing_left, code)


def run_to_the_end(world, kinds):
    try:
        return MET if launch_and_ask(world, kinds) else FAILED
    except RunFailed as error:
        warn(error)
    except Exception:  # whatever it is, what was created must be removed
        warn(traceback.format_exc())
    return FAILED


def end(nothing_left, code):
    if not nothing_left:
        return code or FAILED
    say("nothing is left")
    if code == MET:
        say("all predictions met")
    return code


if __name__ == "__main__":
    signals.listen()
    sys.exit(main())
