"""The probe of a space as one script: for spaces in which this package is not installed, and no way out leads to it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
#: In the order in which one needs the other. None of them has a name that another one has.
PARTS: Final = (_HERE.with_name("record.py"), _HERE / "look.py", _HERE / "facts.py", _HERE / "main.py")
_OURS: Final = re.compile(r"^from studio_infra[\w.]* import (?:\([^)]*\)|[^\n]*)\n", re.MULTILINE)
_FOR_TYPES: Final = re.compile(r"^if TYPE_CHECKING:\n(?:    [^\n]*\n)+", re.MULTILINE)
_FIRST: Final = re.compile(r'\A"""(?P<text>.*?)"""\n', re.DOTALL)
_FUTURE: Final = "from __future__ import annotations\n"
_HEAD: Final = '''#!/usr/bin/env python3
"""Checks in a terminal of a space what the scripts of studio-infra rely on: `python3 probe.py`.

It reads, and prints a table that names nobody and nothing. It calls no AWS API. With --apply it writes one file to the
EFS home and takes it away again.
"""

'''


def space_script() -> str:
    """The script: the parts of the package as they are, one after the other."""
    return _HEAD + _FUTURE + "".join(_part(part.read_text(encoding="utf-8")) for part in PARTS)


def _part(source: str) -> str:
    title = _FIRST.match(source)
    source = source if title is None else source[title.end() :]
    bare = _FOR_TYPES.sub("", _OURS.sub("", source.replace(_FUTURE, "")))
    return f"\n# {'' if title is None else title['text'].splitlines()[0]}\n\n{bare.strip()}\n"
