"""Judges IAM policies. Runs in the environment of `requirements-policies.txt`, not in the tests' own.

Reads `{name: policy}` from standard input, writes a list of `[name, judge, finding]` to standard output.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from cloudsplaining.scan.policy_document import PolicyDocument
from parliament import analyze_policy_string
from policy_sentry.analysis.expand import determine_actions_to_expand
from policy_sentry.shared.iam_data import get_service_prefix_data

if TYPE_CHECKING:
    from collections.abc import Iterator


def parliament_says(policy: dict[str, Any]) -> Iterator[str]:
    for finding in analyze_policy_string(json.dumps(policy)).findings:
        # Its data is older than policy_sentry's, which knows every action that is not made up.
        if finding.issue == "UNKNOWN_ACTION" and list(known_actions([finding.location["string"]])):
            continue
        yield f"{finding.issue}: {finding.detail}"


def cloudsplaining_says(policy: dict[str, Any]) -> Iterator[str]:
    scanned = PolicyDocument(policy)
    for escalation in scanned.allows_privilege_escalation:
        yield f"privilege escalation: {escalation}"
    for action in scanned.permissions_management_without_constraints:
        yield f"resource exposure: {action}"
    for action in scanned.allows_data_exfiltration_actions:
        yield f"data exfiltration: {action}"
    for service in scanned.service_wildcard:
        yield f"all of a service: {service}"
    for action in scanned.credentials_exposure:
        # AWS has no narrower way to pull an image.
        if action != "ecr:GetAuthorizationToken":
            yield f"credentials exposure: {action}"


def policy_sentry_says(policy: dict[str, Any]) -> Iterator[str]:
    for statement in policy["Statement"]:
        sid, actions, resources = (
            statement.get("Sid", "statement without a Sid"),
            as_list(statement["Action"]),
            as_list(statement["Resource"]),
        )
        for action in actions:
            if not list(known_actions([action])):
                yield f"{sid}: no action is called {action}"
        for action, privilege in known_actions(actions):
            types = {name.rstrip("*") for name in privilege["resource_types"] if name}
            if "*" in resources and types:
                yield f"{sid}: {action} could name {', '.join(sorted(types))} but is allowed on *"
            if "*" not in resources and not types:
                yield f"{sid}: {action} has no resource type, so {resources[0]} never matches"
            keys = {key.lower() for key in condition_keys(action, privilege, types)}
            for key in (key for test in statement.get("Condition", {}).values() for key in test):
                if key.partition("/")[0].lower() not in keys:
                    yield f"{sid}: {action} has no condition key {key}"


def known_actions(actions: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The actions that exist, wildcards expanded, each with what AWS says of it."""
    for action in determine_actions_to_expand(actions):
        service, _, name = action.partition(":")
        privileges = get_service_prefix_data(service).get("privileges", {})
        for known, privilege in privileges.items():
            if known.lower() == name.lower():
                yield action, privilege


def condition_keys(action: str, privilege: dict[str, Any], types: set[str]) -> Iterator[str]:
    resources = get_service_prefix_data(action.partition(":")[0])["resources"]
    known = [key for kind in privilege["resource_types"].values() for key in kind["condition_keys"]]
    known += [key for kind in types for key in resources.get(kind, {}).get("condition_keys", [])]
    yield from (key.partition("/")[0] for key in known)


def as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


JUDGES = {
    "parliament": parliament_says,
    "cloudsplaining": cloudsplaining_says,
    "policy_sentry": policy_sentry_says,
}

if __name__ == "__main__":
    found = [
        (name, judge, finding)
        for name, policy in json.load(sys.stdin).items()
        for judge, says in JUDGES.items()
        for finding in says(policy)
    ]
    json.dump(found, sys.stdout)
