"""What a role may do: statements of policy files, put together and written as policies."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import aws_iam as iam

from studio_infra.access import PolicyFile
from studio_infra.access.policy_packing import pack, policy_document
from studio_infra.access.wildcards import acknowledge_wildcards

if TYPE_CHECKING:
    from constructs import Construct

Values = Mapping[str, str | Sequence[str]]

_FOLDER: Final = Path(__file__).parent / "policies"
_TOKEN: Final = re.compile(r"\$\{Token\[([A-Za-z.]+)[^]]*\]\}")
#: How long a token can be once it is deployed: policies are cut to size before anybody knows.
_LONGEST: Final = {"AWS.AccountId.": 12, "AWS.Partition.": 10, "AWS.Region.": 16}
_LONGEST_OTHER: Final = 100


@dataclass(frozen=True)
class Permissions:
    """Statements, and why some of them need wildcards.

    Args:
        statements: As IAM has them, with CDK tokens.
        reasons: Sid to reason.

    """

    statements: tuple[dict[str, Any], ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def own(cls, name: str, values: Values) -> Permissions:
        """Those of `policies/<name>.json` here. A statement about an empty list is left out."""
        return cls._of(PolicyFile.from_path(_FOLDER / f"{name}.json"), values)

    @classmethod
    def teams(cls, name: str, values: Values) -> Permissions:
        """Those of a file that the roles of teams use as well."""
        return cls._of(PolicyFile.shipped(name), values)

    @classmethod
    def _of(cls, file: PolicyFile, values: Values) -> Permissions:
        return cls(tuple(file.filled(values)), file.reasons)

    def __add__(self, others: Permissions) -> Permissions:
        return Permissions(self.statements + others.statements, {**self.reasons, **others.reasons})

    def numbered(self, number: int) -> Permissions:
        """The same under Sids of their own: a policy may hold each Sid once."""
        return Permissions(
            tuple(statement | {"Sid": f"{statement['Sid']}{number}"} for statement in self.statements),
            {f"{sid}{number}": reason for sid, reason in self.reasons.items()},
        )

    def policies(
        self, scope: Construct, *, description: str, roles: Sequence[str] | None = None
    ) -> list[iam.CfnManagedPolicy]:
        """As few managed policies as hold them, with the reasons for cdk-nag.

        Args:
            scope: What they belong to.
            description: Who needs them for what.
            roles: Names of roles to attach them to. Defaults to none: whoever needs them attaches them.

        """
        sizes = [_longest_size(statement) for statement in self.statements]
        made = []
        for number, statements in enumerate(pack(list(self.statements), sizes), start=1):
            policy = iam.CfnManagedPolicy(
                scope,
                f"Policy{number}",
                policy_document=policy_document(statements),
                description=description,
                roles=roles,
            )
            acknowledge_wildcards(policy, statements, self.reasons)
            made.append(policy)
        return made


def _longest_size(statement: dict[str, Any]) -> int:
    text = json.dumps(statement, separators=(",", ":"))
    return len(_TOKEN.sub(lambda token: "x" * _LONGEST.get(token[1], _LONGEST_OTHER), text))
