"""The program that an idle script leaves behind: the files of the runtime, without what only readers need."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from studio_infra.studio.lifecycle.lifecycle_script import SHIPPED_SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterator

_DOCSTRING: Final = re.compile(r'^ *"""(?:.|\n)*?"""\n', re.MULTILINE)


def idle_program(keeper: str) -> str:
    """Join what decides, what looks, and the keeper (`"guard"` or `"watcher"`) to one program.

    SageMaker takes 12,288 bytes of script. So comments, docstrings and blank lines stay at home, and four
    columns of indentation become two. It is done by the line, not by a parser, whose output changes with
    Python's version: the same files must give the same bytes, and with them the same name, on every machine.
    """
    sources = (SHIPPED_SCRIPTS / file for file in ("idle_decisions.py", "idle.py", f"idle_{keeper}.py"))
    return "".join(line for source in sources for line in _lines(source.read_text(encoding="utf-8")))


def _lines(source: str) -> Iterator[str]:
    for line in _DOCSTRING.sub("", source).splitlines():
        code = line.lstrip()
        if code and not code.startswith(("#", "from idle")):
            yield " " * ((len(line) - len(code)) // 2) + code + "\n"
