"""Ctrl-C, and a request to end, become an exception at the place where the program is."""

import signal

from errors import Interrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def interrupt(_number, _frame):
    raise Interrupted


def listen():
    for number in SIGNALS:
        signal.signal(number, interrupt)


def ignore():
    """For the last words of a run."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
