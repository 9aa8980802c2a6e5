"""Writes the files of a run."""

import os

from speech import say


def save(path, text):
    """Whether the file was written; else why not is told. A full disk must not end a run: what it has created is
    removed all the same. The old file stays until the new one is whole."""
    new = path.with_name(f"{path.name}.new")
    try:
        new.write_text(text, encoding="utf-8")
        os.replace(new, path)
    except OSError as error:
        say(f"{path} could not be written: {error}")
        return False
    return True
