"""Ctrl-C, a request to end and a closed terminal: the first becomes an exception at the place where the program is.
What comes later is only noted, for the removal that follows must not be torn."""

import contextlib
import signal

from errors import Interrupted
from speech import tell

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
state = {"mode": "raise", "came": False}


def listen():
    for number in SIGNALS:
        signal.signal(number, interrupt)


def interrupt(_number, _frame):
    if state["mode"] == "raise":
        state["mode"] = "note"
        raise Interrupted
    state["came"] = True
    if state["mode"] == "note":
        tell("the removal ends after the call that is under way")


@contextlib.contextmanager
def hold():
    """What is begun inside is either not begun or known when the exception comes."""
    if state["mode"] != "raise":
        yield
        return
    state["mode"] = "hold"
    try:
        yield
    finally:
        state["mode"] = "raise"
    if state["came"]:
        state.update(mode="note", came=False)
        raise Interrupted


def note_only():
    """From now on nothing is raised."""
    state["mode"] = "note"


def check():
    """Where the removal may end."""
    if state["came"]:
        raise Interrupted
