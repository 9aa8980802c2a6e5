"""Ctrl-C, and a request to end, become an exception at the place where the program is."""

import contextlib
import signal

from errors import Interrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM)
waiting = {"held": False, "came": False}


def interrupt(_number, _frame):
    if waiting["held"]:
        waiting["came"] = True
    else:
        raise Interrupted


@contextlib.contextmanager
def hold():
    """What is begun inside is either not begun or known when the exception comes."""
    waiting.update(held=True, came=False)
    try:
        yield
    finally:
        waiting["held"] = False
    if waiting["came"]:
        raise Interrupted


def listen():
    for number in SIGNALS:
        signal.signal(number, interrupt)


def ignore():
    """For the last words of a run."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
