"""Ctrl-C, a request to end, and a closed terminal.

The first of them raises Interrupted at the place where the program is, and the removal follows. Only ctrl-C ends that
removal: a closed terminal may send its signal twice, and nobody reads then what would be left."""

import contextlib
import os
import signal

from errors import Interrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ENDS = b"\nthe removal ends after the call that is under way\n"
STANDARD_OUTPUT = 1
# What a signal does: it raises; it raises when the call under way has ended; nothing; as ctrl-C it ends the removal.
RAISE, HOLD, OVER, REMOVAL = "raise", "hold", "over", "removal"
state = {"mode": RAISE, "came": False}


def listen():
    """From now on signals come here. An ignored SIGHUP stays ignored: nohup asks to go on without a terminal."""
    for number in SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, receive)


def receive(number, _frame):
    """The handler of all signals."""
    if state["mode"] == RAISE:
        state["mode"] = OVER
        raise Interrupted
    if state["mode"] == HOLD:
        state["came"] = True
    if state["mode"] == REMOVAL and number == signal.SIGINT:
        state["came"] = True
        # The signal may have come in the middle of a print, which must not be entered twice.
        with contextlib.suppress(OSError):
            os.write(STANDARD_OUTPUT, ENDS)


@contextlib.contextmanager
def hold():
    """A signal that comes inside raises Interrupted at the end of the block, even if the block fails."""
    state["mode"] = HOLD
    try:
        yield
    finally:
        state["mode"] = RAISE
        if state["came"]:
            state["mode"] = OVER
            raise Interrupted


def stop_raising():
    """The run is over: no signal raises from now on."""
    state["mode"] = OVER


def begin_removal():
    """From now on ctrl-C ends the removal at the next `check`. One that came before does not count."""
    state.update(mode=REMOVAL, came=False)


def check():
    """Where the removal may end."""
    if state["came"]:
        raise Interrupted
