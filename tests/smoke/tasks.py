"""Runs what waits for different things at the same time. A task is a generator that yields while it waits."""

import time

from speech import say

REMIND_EVERY = 60


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
