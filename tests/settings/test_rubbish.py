"""A megabyte of the wrong thing is refused in a few words; how fast is measured by `make bench`."""

from __future__ import annotations

import random

import pytest

from studio_infra.settings.reading.files import ROSTER_BYTES_MAX, SETTINGS_BYTES_MAX
from tests.settings.conftest import HEADER, ROSTER, SETTINGS, Find

MEGABYTE = 1_000_000
RANDOM = random.Random(7)  # noqa: S311 - rubbish, not a secret

RUBBISH = {
    "bytes": RANDOM.randbytes(MEGABYTE),
    "zeros": bytes(MEGABYTE),
    "one line": b"a" * MEGABYTE,
    "commas": b"," * MEGABYTE,
    "quotes": b'"' * MEGABYTE,
    "open quotes": b'"\n' * (MEGABYTE // 2),
    "newlines": b"\n" * MEGABYTE,
    "brackets": b"[" * MEGABYTE,
    "dots": b"a." * (MEGABYTE // 2),
    "tables": b"[a]\n" * (MEGABYTE // 4),
    "keys": b"".join(b"k%d=1\n" % number for number in range(MEGABYTE // 11)),
    "letters": "é".encode() * (MEGABYTE // 2),
}


def files_of(rubbish: bytes) -> list[tuple[bytes, bytes]]:
    """Settings and roster, one of them rubbish: too long to be read, and just not too long."""
    return [
        (rubbish, ROSTER.encode()),
        (rubbish[:SETTINGS_BYTES_MAX], ROSTER.encode()),
        (SETTINGS.encode(), rubbish),
        (SETTINGS.encode(), HEADER.encode() + b"\n" + rubbish[: ROSTER_BYTES_MAX - len(HEADER) - 1]),
    ]


@pytest.mark.parametrize("name", RUBBISH)
def test_a_megabyte_of_rubbish_is_a_few_findings(name: str, find: Find) -> None:
    for settings, roster in files_of(RUBBISH[name]):
        findings = find(settings, roster)
        assert findings
        assert all(str(finding).isprintable() and len(str(finding)) < 1000 for finding in findings)
