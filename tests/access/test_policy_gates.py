"""What three judges that know nothing of this project say about its policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.access import Persona, RoleSharing, TeamAccess

if TYPE_CHECKING:
    from collections.abc import Callable

    import aws_cdk as cdk

pytestmark = pytest.mark.slow

Policies = dict[str, dict[str, Any]]
EVERYTHING = {"ml-engineer": Persona.ml_engineer(), "data-scientist": Persona.data_scientist()}
EVERYTHING |= {"analyst": Persona.analyst(), "admin": Persona.admin()}


def canary(**changes: Any) -> dict[str, Any]:
    found = {
        "Sid": "Canary",
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*",
    } | changes
    return {"Version": "2012-10-17", "Statement": [found]}


def for_parliament(policies: Policies) -> Policies:
    """The colon in a variable's name makes parliament read the rest of the ARN as one more part of it."""
    variable = RoleSharing.PER_PERSON.value

    def named(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: named(value) for key, value in node.items()}
        if isinstance(node, list):
            return [named(item) for item in node]
        return node.replace(variable, "ana") if isinstance(node, str) else node

    return {name: named(policy) for name, policy in policies.items()}


def test_no_judge_finds_fault_with_any_policy_of_any_persona(
    stack: cdk.Stack,
    team_options: dict[str, Any],
    deployed: Callable[[cdk.Stack], Policies],
    judge: Callable[[Policies], list[list[str]]],
) -> None:
    for team, persona in EVERYTHING.items():
        TeamAccess(stack, team, **team_options | {"team": team, "persona": persona})
    policies = deployed(stack)
    assert len(policies) > len(EVERYTHING)
    assert judge(for_parliament(policies)) == []


@pytest.mark.parametrize(
    ("bad", "finding"),
    [
        (canary(Action="s3:GetObjekt"), ["parliament", "UNKNOWN_ACTION"]),
        (canary(Action="s3:GetObjekt"), ["policy_sentry", "no action is called s3:GetObjekt"]),
        (canary(Resource="arn:aws:s3:::b"), ["parliament", "RESOURCE_MISMATCH"]),
        (
            canary(Condition={"StringEquals": {"s3:prefix": "x"}}),
            ["policy_sentry", "no condition key s3:prefix"],
        ),
        (canary(Resource="*"), ["policy_sentry", "could name"]),
        (canary(Resource="*"), ["cloudsplaining", "data exfiltration: s3:GetObject"]),
        (canary(Action="s3:ListAllMyBuckets"), ["policy_sentry", "has no resource type"]),
        (canary(Action="iam:PutUserPolicy", Resource="*"), ["cloudsplaining", "privilege escalation"]),
        (
            canary(Action="kms:CreateGrant", Resource="*"),
            ["cloudsplaining", "resource exposure: kms:CreateGrant"],
        ),
        (canary(Action="sqs:*", Resource="*"), ["cloudsplaining", "all of a service: sqs"]),
        (canary(Action="ecr:GetAuthorizationToken", Resource="*"), []),
    ],
)
def test_the_judges_are_awake(
    judge: Callable[[Policies], list[list[str]]], bad: dict[str, Any], finding: list[str]
) -> None:
    found = judge({"canary": bad})
    if not finding:
        assert found == []
    else:
        name, words = finding
        assert [words in text for _, who, text in found if who == name].count(True) >= 1, found
