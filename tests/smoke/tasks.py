"""Runs what waits for different things at the same time. A task is a generator that yields while it waits."""

import time


def run_together(tasks, look, pause):
    """Until all tasks have ended; before each round the account is looked at once."""
    while tasks:
        look()
        tasks = [task for task in tasks if goes_on(task)]
        if tasks:
            time.sleep(pause)


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
