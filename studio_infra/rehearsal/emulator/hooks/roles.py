"""IAM roles, as services see them that want to assume one."""

from __future__ import annotations

import json
from typing import Any

from ministack.services import iam

from studio_infra.rehearsal.emulator.hooks import core


def role(role_arn: str) -> dict[str, Any] | None:
    """IAM's record of a role in the current account."""
    found: dict[str, Any] | None = iam._roles.get(role_arn.rpartition("/")[2])
    return found if found is not None and found["Arn"] == role_arn else None


def boundary_problem(policy_arn: str | None) -> str | None:
    """Why a policy cannot be a role's permissions boundary, or ``None`` when it can."""
    if policy_arn and iam._boundary_policy_error(policy_arn):
        return f"Scope ARN: {policy_arn} does not exist or is not attachable."
    return None


def set_boundary(role_name: str, policy_arn: str | None) -> None:
    """Give a role its permissions boundary, or none."""
    iam._roles[role_name]["PermissionsBoundary"] = policy_arn


def role_problem(role_arn: str, service: str) -> str | None:
    """Why a service cannot assume a role, or ``None`` when it can.

    Roles of other accounts cannot be looked at; the service takes them as they are.
    """
    if role_arn.split(":")[4:5] != [core.account()]:
        return None
    found = role(role_arn)
    if found is None:
        return "there is no such role"
    document = found["AssumeRolePolicyDocument"]
    policy = json.loads(document) if isinstance(document, str) else document
    for statement in _listed(policy.get("Statement")):
        principal = statement.get("Principal", {})
        trusted = _listed(principal.get("Service")) if isinstance(principal, dict) else [principal]
        actions = _listed(statement.get("Action"))
        if statement.get("Effect") == "Allow" and service in trusted and _may_assume(actions):
            return None
    return f"its trust policy does not name {service}"


def _may_assume(actions: list[str]) -> bool:
    return any(action.lower() in ("sts:assumerole", "sts:*", "*") for action in actions)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
