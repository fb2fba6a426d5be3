from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_infra.access.policy_packing import MAX_POLICIES, MAX_POLICY_SIZE, pack, policy_document, size_of
from studio_infra.errors import InvalidInput


def statement(number: int, size: int) -> dict[str, Any]:
    """A statement of this many characters."""
    found = {"Sid": f"S{number}", "Effect": "Allow", "Action": "s3:GetObject", "Resource": ""}
    return found | {"Resource": "x" * (size - size_of(found))}


@given(st.lists(st.integers(100, 3000), max_size=15))
def test_statements_keep_their_order_and_every_policy_fits(sizes: list[int]) -> None:
    statements = [statement(number, size) for number, size in enumerate(sizes)]
    packed = pack(statements, sizes)
    assert [one for policy in packed for one in policy] == statements
    for policy in packed:
        assert policy
        assert len(json.dumps(policy_document(policy), separators=(",", ":"))) <= MAX_POLICY_SIZE


def test_a_policy_is_filled_to_the_last_character() -> None:
    room = MAX_POLICY_SIZE - size_of(policy_document([]))
    exact = [statement(1, 1000), statement(2, room - 1001)]
    assert len(pack(exact, [1000, room - 1001])) == 1
    assert size_of(policy_document(exact)) == MAX_POLICY_SIZE
    assert len(pack(exact, [1000, room - 1000])) == 2


def test_a_statement_that_fills_a_policy_is_taken_and_a_larger_one_is_refused() -> None:
    room = MAX_POLICY_SIZE - size_of(policy_document([]))
    assert len(pack([statement(1, room)], [room])) == 1
    with pytest.raises(
        InvalidInput, match=r"statement S1 can be 6,106 characters, a policy holds 6,105; shorten"
    ):
        pack([statement(1, room)], [room + 1])


def test_more_policies_than_a_role_can_hold_are_refused() -> None:
    statements = [statement(number, 5000) for number in range(MAX_POLICIES + 1)]
    assert len(pack(statements[1:], [5000] * MAX_POLICIES)) == MAX_POLICIES
    with pytest.raises(InvalidInput, match="11 policies are needed, a role holds 10"):
        pack(statements, [5000] * len(statements))
