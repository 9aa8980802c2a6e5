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
from speech import say
from taken import refuse_taken
from world import World

# Exit codes: as predicted and all removed; not as predicted, or something is left; nothing was begun; ctrl-C.
MET, FAILED, NOT_BEGUN, INTERRUPTED = 0, 1, 2, 130


def main():
    options = read_options()
    try:
        account, kinds = begin(options)
    except (CannotBegin, OSError, ValueError) as error:
        print(f"smoke: {error}", file=sys.stderr)
        return NOT_BEGUN
    except Interrupted:
        print("\nsmoke: interrupted; nothing was created", file=sys.stderr)
        return INTERRUPTED
    run = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    options.out.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(account, options)
    return end(ledger, run_to_the_end(World(account, options, ledger, run), kinds))


def begin(options):
    """Everything that only reads, and the consent."""
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
    return account, kinds


def run_to_the_end(world, kinds):
    try:
        return MET if launch_and_ask(world, kinds) else FAILED
    except Interrupted:
        say("interrupted: no report; everything that was created is removed now, which takes minutes")
        return INTERRUPTED
    except RunFailed as error:
        print(f"smoke: {error}", file=sys.stderr, flush=True)
        return FAILED
    except Exception:  # whatever it is, what was created must be removed
        traceback.print_exc()
        return FAILED


def end(ledger, code):
    if not ledger.remove_all():
        return code or FAILED
    say("nothing is left")
    if code == MET:
        say("all predictions met")
    return code


if __name__ == "__main__":
    signals.listen()
    sys.exit(main())
