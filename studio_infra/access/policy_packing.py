"""Fits statements into customer-managed policies: IAM counts characters in each, and policies on a role."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from studio_infra.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio_infra.access.policy_file import Json

#: Characters in a customer-managed policy; white space does not count.
MAX_POLICY_SIZE: Final = 6144
#: Managed policies on a role, unless AWS raised the quota.
MAX_POLICIES: Final = 10


def policy_document(statements: Sequence[Json]) -> Json:
    """The policy that says these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def size_of(node: Json) -> int:
    """Characters of a policy or a statement, counted as IAM does."""
    return len(json.dumps(node, separators=(",", ":"), ensure_ascii=False))


def pack(statements: Sequence[Json], sizes: Sequence[int]) -> list[list[Json]]:
    """Statements in their order, in as few policies as that allows.

    Args:
        statements: What the policies are to say.
        sizes: The largest size that each statement can have once it is deployed.

    Raises:
        InvalidInput: A statement does not fit into a policy, or there are more policies than a role can hold.

    """
    largest = MAX_POLICY_SIZE - size_of(policy_document([]))
    packed: list[list[Json]] = []
    room = 0
    for statement, size in zip(statements, sizes, strict=True):
        if size > largest:
            raise InvalidInput(
                "PolicySize",
                f"statement {statement['Sid']} can be {size:,} characters, a policy holds {largest:,}; "
                "shorten its lists, for example the team's instance types",
            )
        if size > room:
            packed.append([])
            room = largest
        packed[-1].append(statement)
        # One more for the comma before the next.
        room -= size + 1
    if len(packed) > MAX_POLICIES:
        raise InvalidInput(
            "PolicyCount",
            f"{len(packed)} policies are needed, a role holds {MAX_POLICIES}; use fewer or shorter files",
        )
    return packed
