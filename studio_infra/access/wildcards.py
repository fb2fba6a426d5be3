"""Tells cdk-nag why a policy may use a wildcard: each by itself, with the reason that stands in its file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aws_cdk import aws_iam as iam

    from studio_infra.access.policy_file import Json


def acknowledge_wildcards(
    policy: iam.CfnManagedPolicy, statements: Sequence[Json], reasons: Mapping[str, str]
) -> None:
    """Acknowledge rule IAM5 for the wildcards of statements that have a reason, and for no others.

    Args:
        policy: The policy that says them.
        statements: What it says.
        reasons: Why a statement may use wildcards, by Sid.

    """
    found = {
        wildcard: reasons[statement["Sid"]]
        for statement in policy.stack.resolve(list(statements))
        if statement["Sid"] in reasons
        for wildcard in _wildcards(statement)
    }
    cdk.Validations.of(policy).acknowledge(
        *(
            cdk.Acknowledgment(id=f"AwsSolutions-IAM5[{wildcard}]", reason=reason)
            for wildcard, reason in found.items()
        )
    )


def _wildcards(statement: Json) -> Iterator[str]:
    """Actions and resources with a wildcard, as cdk-nag writes them."""
    for kind in ("Action", "Resource"):
        value = statement[kind]
        for item in value if isinstance(value, list) else [value]:
            text = _flat(item)
            if "*" in text:
                yield f"{kind}::{text}"


def _flat(node: Any) -> str:
    """A resolved value as one text: `arn:<AWS::Partition>:s3:::bucket/*`."""
    if isinstance(node, str):
        return node.replace("${", "<").replace("}", ">")
    if "Fn::Join" in node:
        delimiter, items = node["Fn::Join"]
        return str(delimiter).join(_flat(item) for item in items)
    if "Fn::GetAtt" in node:
        return f"<{'.'.join(node['Fn::GetAtt'])}>"
    return f"<{node['Ref']}>" if "Ref" in node else ""
