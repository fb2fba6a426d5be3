"""What goes wrong in a rehearsal, said to the person who started it."""

from __future__ import annotations


class RehearsalError(RuntimeError):
    """The embedded AWS could not do what was asked of it.

    The message is one sentence for people: what happened and what to do. ``log`` holds the end of the
    server's log when there was one.
    """

    def __init__(self, message: str, *, log: str = "") -> None:
        self.log = log
        super().__init__(message)
