"""What this run has created, and its removal in reverse order.

A thing is noted before it is created, so that it is removed whatever ends the run. The file remove.sh beside the report
has the commands for what exists at this moment. It is for the case that the program itself was killed."""

import contextlib
import itertools
import time

import names
import signals
from account import is_gone
from commands import list_commands, write_script
from errors import Interrupted
from files import save
from removals import AWAIT, REMOVE
from speech import say, tell


class Ledger:
    def __init__(self, account, options):
        self.account, self.options = account, options
        self.made = []  # (kind, name), oldest first
        self.script = options.out / "remove.sh"

    def note(self, kind, name):
        """Before it is created. What was noted before stays in its place."""
        if (kind, name) not in self.made:
            self.made.append((kind, name))
            self.write()

    @contextlib.contextmanager
    def creating(self, kind, name):
        """Around the call that creates it. Ctrl-C waits for the answer: a removal never overtakes a creation."""
        self.note(kind, name)
        with signals.hold():
            yield

    def write(self):
        """Whether remove.sh has what exists."""
        if self.made:
            return save(self.script, write_script(self.account, self.made))
        with contextlib.suppress(OSError):
            self.script.unlink(missing_ok=True)
        return False

    def remove_all(self):
        """Whether nothing is left. Ctrl-C ends it, and what is left is told."""
        signals.begin_removal()
        if self.made:
            say(f"removing what this run has created: {len(self.made)} things")
        try:
            self.remove_each()
            if self.made:
                say("once more, what could not be removed: it may have waited for something that is gone by now")
                time.sleep(self.options.pause)
                self.remove_each()
        except Interrupted:
            say("interrupted while removing")
        self.tell_what_is_left()
        return not self.made

    def remove_each(self):
        """Tries each thing once, the newest first. The stacks of the examples go at the same time."""
        for _, batch in itertools.groupby(list(reversed(self.made)), key=name_batch):
            signals.check()
            self.remove_batch(list(batch))

    def remove_batch(self, batch):
        for kind, name in batch:
            say(f"  removing {kind} {name}")
        begun = [made for made in batch if self.attempt(made, lambda kind, name: REMOVE[kind](self.account, name))]
        for made in begun:
            if made[0] not in AWAIT or self.attempt(made, self.await_end):
                self.made.remove(made)
                self.write()

    def await_end(self, kind, name):
        AWAIT[kind](self.account, name, self.options.pause)

    def attempt(self, made, step):
        """Whether the step succeeds; what is gone already needs none."""
        kind, name = made
        try:
            step(kind, name)
        except Exception as error:  # whatever it is, the rest must be removed
            if not is_gone(error):
                say(f"  {kind} {name} could not be removed: {error}")
                return False
        return True

    def tell_what_is_left(self):
        is_written = self.write()
        if not self.made:
            return
        say("THIS IS LEFT, and costs money until it is removed:")
        for kind, name in reversed(self.made):
            tell(f"  {kind} {name}")
        tell("remove it with these commands:")
        for command in list_commands(self.account, self.made):
            tell(f"  {command}")
        if is_written:
            tell(f"They are also in {self.script}: sh {self.script}")


def name_batch(made):
    """What is removed at the same time has the same name of a batch."""
    kind, name = made
    return "examples" if kind == "stack" and name != names.GATE else made
