"""What a configuration remembers of a stopped endpoint: all of it, or nothing is stopped."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_infra.runtime.functions.endpoint_lifetime.memory import Forgotten, Memory, TooMuch, keys, others

#: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Tag.html
TAG = re.compile(r"[\w .:/=+@-]{0,256}")
TEXT = st.text("abcXYZ019 ._:/=+-@é", max_size=60)
AT = dt.datetime(2026, 11, 3, 8, 30, 5, tzinfo=dt.UTC)
TARGETS = st.lists(
    st.fixed_dictionaries({"ResourceId": TEXT, "MinCapacity": st.integers(0, 9)}), max_size=6
).map(lambda found: {"targets": found})


@given(tags=st.dictionaries(TEXT.map(lambda key: f"own:{key}"), TEXT, max_size=30), scaling=TARGETS)
def test_a_memory_is_read_back_as_it_was_from_tags_that_the_service_takes(
    tags: dict[str, str], scaling: dict[str, Any]
) -> None:
    known = Memory("Churn", "Churn-Config", AT, "office hours are over", tags, scaling)
    written = known.to_tags()
    assert all(TAG.fullmatch(value) for value in written.values())
    assert Memory.from_tags(written | {"studio:team": "vision"}) == known


def test_tags_of_aws_are_left_out_because_nobody_else_can_set_them() -> None:
    tags = {"aws:cloudformation:stack-name": "s", "studio:owner": "ana"}
    assert Memory.from_tags(Memory("e", "c", AT, "", tags).to_tags()).tags == {"studio:owner": "ana"}


def test_what_does_not_fit_is_refused_and_never_cut() -> None:
    # Text that nothing can pack: each of its letters is needed.
    noise = {f"own:{number}": hashlib.sha256(str(number).encode()).hexdigest() for number in range(40)}
    written = Memory("e", "c", AT, "", noise).to_tags()
    with pytest.raises(TooMuch, match=f"{len(written)} tags are needed to remember it, and there is room"):
        Memory("e", "c", AT, "", noise).to_tags(room=len(written) - 1)


def test_its_own_tags_are_told_from_those_of_the_configuration() -> None:
    written = Memory("e", "c", AT, "why").to_tags()
    there = written | {"studio:team": "vision", "aws:cloudformation:stack-name": "s"}
    assert keys(there) == sorted(written)
    assert others(there) == 1


@given(st.dictionaries(st.sampled_from(sorted(Memory("e", "c", AT, "").to_tags())), TEXT))
def test_whatever_somebody_writes_over_it_is_noticed_or_harmless(changes: dict[str, str]) -> None:
    written = Memory("e", "c", AT, "").to_tags()
    try:
        read = Memory.from_tags(written | changes)
    except Forgotten:
        return
    assert (read.endpoint, read.config) == ("e", "c")
