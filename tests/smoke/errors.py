"""What ends a run before its end."""


class CannotBegin(Exception):
    """Nothing was created; the text says why."""


class Interrupted(BaseException):
    """Ctrl-C, or a request to end. Not an Exception: botocore takes those for errors of the connection, and goes on."""


class RunFailed(Exception):
    """Something that the run needs did not come about; the text says what."""
