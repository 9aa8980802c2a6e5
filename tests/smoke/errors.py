"""What ends a run before its end."""


class CannotBegin(Exception):
    """Nothing was created; the text says why."""


class Interrupted(Exception):
    """Ctrl-C, or a request to end."""


class RunFailed(Exception):
    """Something that the run needs did not come about; the text says what."""
