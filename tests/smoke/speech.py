"""What the program says. A terminal that was closed, or a full disk behind it, does not end the program: what was
created must be removed."""

import contextlib
import sys
import time

BEGAN = time.monotonic()


def tell(text):
    """Prints the text on standard output."""
    write(text, sys.stdout)


def warn(text):
    """Prints on standard error why the program ends, or does not begin."""
    write(f"smoke: {text}", sys.stderr)


def say(text):
    """A line of the course, with the seconds since the beginning."""
    tell(f"{time.monotonic() - BEGAN:7.1f} s  {text}")


def write(text, stream):
    # ValueError: the stream is closed, or its encoding lacks a character.
    with contextlib.suppress(OSError, ValueError):
        print(text, file=stream, flush=True)
