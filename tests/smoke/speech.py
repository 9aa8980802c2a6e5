"""What the program says. A terminal that was closed does not end it: what was created must be removed."""

import time

BEGAN = time.monotonic()


def tell(text):
    try:
        print(text, flush=True)
    except OSError:
        pass


def say(text):
    """A line of the course, with the seconds since the beginning."""
    tell(f"{time.monotonic() - BEGAN:7.1f} s  {text}")
