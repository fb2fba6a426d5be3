"""A megabyte of the wrong thing is refused at once."""

from __future__ import annotations

import random
import time

import pytest

from studio_infra.settings.files import ROSTER_BYTES_MAX, SETTINGS_BYTES_MAX
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


@pytest.mark.parametrize("name", RUBBISH)
def test_a_megabyte_of_rubbish_is_a_few_findings_within_a_second(name: str, find: Find) -> None:
    rubbish = RUBBISH[name]
    for settings, roster in (
        (rubbish, ROSTER.encode()),
        (rubbish[:SETTINGS_BYTES_MAX], ROSTER.encode()),
        (SETTINGS.encode(), rubbish),
        (SETTINGS.encode(), HEADER.encode() + b"\n" + rubbish[: ROSTER_BYTES_MAX - len(HEADER) - 1]),
    ):
        start = time.process_time()
        findings = find(settings, roster)
        spent = time.process_time() - start
        assert findings
        assert all(str(finding).isprintable() and len(str(finding)) < 1000 for finding in findings)
        assert spent < 1, f"{spent:.2f} s of processor time"
