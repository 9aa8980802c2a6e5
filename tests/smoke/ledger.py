"""What this run has created, and its removal in reverse order.

A thing is noted before it is created, so that it is removed whatever ends the run. The file remove.sh beside the report
has the commands for what exists at this moment. It is for the case that the program itself was killed."""

import contextlib

import names
import signals
from errors import Interrupted
from removals import REMOVE, await_stack, is_gone, write_command
from speech import say, tell


class Ledger:
    def __init__(self, account, options):
        self.account, self.options = account, options
        self.made = []  # (kind, name), oldest first

    def note(self, kind, name):
        self.made.append((kind, name))
        self.write()

    @contextlib.contextmanager
    def creating(self, kind, name):
        """Around the call that creates it. Ctrl-C waits for the answer: a removal never overtakes a creation."""
        self.note(kind, name)
        with signals.hold():
            yield

    def write(self):
        script = self.options.out / "remove.sh"
        if not self.made:
            return script.unlink(missing_ok=True)
        region = f"export AWS_DEFAULT_REGION={self.account.region}"
        script.write_text("\n".join(["#!/bin/sh", region, *self.list_commands()]) + "\n")

    def list_commands(self):
        return [write_command(kind, name) for kind, name in reversed(self.made)]

    def remove_all(self):
        """Whether nothing is left. A second ctrl-C ends it, and what is left is told."""
        signals.begin_removal()
        if self.made:
            say(f"removing what this run has created: {len(self.made)} things")
        failed = []
        try:
            while self.made:
                signals.check()
                self.remove_last(failed)
        except Interrupted:
            say("interrupted while removing")
        self.made = list(dict.fromkeys(failed + self.made))
        self.write()
        self.tell_what_is_left()
        return not self.made

    def remove_last(self, failed):
        """The stacks at the end of the list go together, and so does any other thing alone."""
        batch = [self.made[-1]]
        if batch[0][0] == "stack" and batch[0][1] != names.GATE:
            batch = [made for made in self.made if made[0] == "stack" and made[1] != names.GATE]
        for kind, name in batch:
            say(f"  removing {kind} {name}")
        begun = [made for made in batch if self.attempt(made, failed, REMOVE[made[0]])]
        for made in begun:
            if made[0] == "stack":
                self.attempt(made, failed, self.await_stack)
            self.made.remove(made)
            self.write()
        self.made = [made for made in self.made if made not in failed]

    def await_stack(self, account, name):
        await_stack(account, name, self.options.pause)

    def attempt(self, made, failed, remove):
        """Whether it is removed, or its removal has begun."""
        kind, name = made
        try:
            remove(self.account, name)
        except Interrupted:
            raise
        except Exception as error:  # whatever it is, the rest must be removed
            if not is_gone(error):
                say(f"  {kind} {name} could not be removed: {error}")
                failed.append(made)
                return False
        return True

    def tell_what_is_left(self):
        if not self.made:
            return
        say("THIS IS LEFT, and costs money until it is removed:")
        for kind, name in reversed(self.made):
            tell(f"  {kind} {name}")
        tell(f"remove it with these commands, which are also in {self.options.out}/remove.sh:")
        for command in self.list_commands():
            tell(f"  {command}")
