"""What a command that takes long says meanwhile: each thing once, and what it waits for in one line that moves."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Give a function that says what happens. `quiet` says nothing: the output is for a program.

    What goes on for a while is said once in a log, and stays below everything else on a terminal.
    """
    if quiet:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    if not sys.stdout.isatty():
        said = [""]

        def tell(what: str) -> None:
            if what != said[0]:
                console.print(escape(what))
            said[0] = what

        yield tell
        return
    with console.status("…") as status:

        def show(what: str) -> None:
            status.update(escape(what))
            if not what.startswith("waiting: "):
                console.print(escape(what))

        yield show
