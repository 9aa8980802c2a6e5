"""Runs what waits for different things at the same time. A task is a generator that yields while it waits."""

import time

from account import AWS_FAILS
from speech import say

REMIND_EVERY = 60
# In a row; each has the retries of the SDK behind it.
FAILED_LOOKS = 10


def run_together(tasks, look, pause):
    """Until all tasks, by their names, have ended; before each round the account is looked at once."""
    tell = make_reminder(lambda: f"still waiting for {', '.join(tasks)}")
    while tasks:
        look()
        tasks = {name: task for name, task in tasks.items() if goes_on(task)}
        if tasks:
            time.sleep(pause)
            tell()


def make_reminder(text):
    """Says the text once a minute, if it is called often enough."""
    last = time.monotonic()

    def tell():
        nonlocal last
        if time.monotonic() - last > REMIND_EVERY:
            last = time.monotonic()
            say(text())

    return tell


def make_tolerant(look):
    """The same look, but one that AWS refuses is told and gives None. Too many of them in a row are an error."""
    failed = 0

    def tolerant():
        nonlocal failed
        try:
            found = look()
        except AWS_FAILS as error:
            failed += 1
            if failed > FAILED_LOOKS:
                raise
            say(f"a look at the account failed, the next follows: {error}")
            return None
        failed = 0
        return found

    return tolerant


def goes_on(task):
    try:
        next(task)
    except StopIteration:
        return False
    return True


def wait_until(condition, seconds=None):
    """Waits while the condition gives nothing; gives what it gave, or None when the time is over."""
    end = None if seconds is None else time.monotonic() + seconds
    while not (found := condition()):
        if end is not None and time.monotonic() > end:
            return None
        yield
    return found


def pause(seconds):
    """Waits so long."""
    yield from wait_until(lambda: False, seconds)
