"""What a deployment may do: for teams whose CloudFormation does not run as administrator."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from studio_infra.review.handlers import permissions_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from studio_infra.review.assembly import Template

Json = dict[str, Any]

#: Characters in a customer-managed policy; white space does not count.
MAX_POLICY_SIZE: Final = 6144
#: Types that no handler stands behind.
_WITHOUT_HANDLERS: Final = frozenset({"AWS::CDK::Metadata"})
#: IAM compares a boundary in these: with one, nobody can make a role that may do more than the boundary.
_BOUNDED: Final = frozenset(
    f"iam:{name}"
    for name in (
        "AttachRolePolicy",
        "CreateRole",
        "DeleteRolePolicy",
        "DetachRolePolicy",
        "PutRolePermissionsBoundary",
        "PutRolePolicy",
    )
)
#: Taking the boundary away would be the way around it.
_UNBOUNDING: Final = frozenset({"iam:DeleteRolePermissionsBoundary"})
#: A managed policy could be attached to these too; stacks of ours have neither.
_USERS_AND_GROUPS: Final = frozenset(
    f"iam:{verb}{kind}Policy" for verb in ("Attach", "Detach") for kind in ("User", "Group")
)
_LOOKING: Final = frozenset({"iam:ListPolicies", "iam:ListRoles"})


@dataclass(frozen=True, slots=True)
class DeployerPolicy:
    """The permissions that some stacks need.

    Args:
        policies: IAM policies, none larger than IAM takes; attach all of them.
        unknown: Resource types whose permissions nobody has written down, such as `Custom::…`.

    """

    policies: list[Json]
    unknown: list[str]


def deployer_policy(
    templates: Mapping[str, Template], *, permissions_boundary: str | None = None
) -> DeployerPolicy:
    """What CloudFormation must be allowed, to create, update and delete these stacks.

    Roles and policies are named by CloudFormation after their stack, so actions of IAM name these.

    Args:
        templates: Templates by stack name.
        permissions_boundary: ARN of a policy; roles can then be made and changed only with this boundary.
            Defaults to none.

    """
    types = {
        resource["Type"]
        for template in templates.values()
        for resource in template.get("Resources", {}).values()
    } - _WITHOUT_HANDLERS
    actions: defaultdict[str, set[str]] = defaultdict(set)
    for resource_type in types:
        for action in permissions_of(resource_type) or ():
            actions[action.partition(":")[0]].add(action)
    iam = actions.pop("iam", set())
    statements = [
        *_iam_statements(iam, sorted(set(_iam_names(templates))), permissions_boundary),
        *(
            _statement(f"Use{service.title().replace('-', '')}", names, "*")
            for service, names in sorted(actions.items())
        ),
        *_what_cdk_uploaded(),
    ]
    unknown = sorted(name for name in types if permissions_of(name) is None)
    return DeployerPolicy(policies=list(_packed(statements)), unknown=unknown)


def _iam_statements(actions: set[str], names: list[str], boundary: str | None) -> Iterator[Json]:
    passing, linking = {"iam:PassRole"} & actions, {"iam:CreateServiceLinkedRole"} & actions
    bounded = _BOUNDED & actions if boundary is not None else set()
    left_out = _USERS_AND_GROUPS | (_UNBOUNDING if boundary is not None else set())
    looking = _LOOKING & actions
    own = actions - passing - linking - bounded - left_out - looking
    for sid, some in (("ManageOwnRoles", own), ("LendOwnRoles", passing)):
        if some:
            yield _statement(sid, some, names)
    if bounded:
        condition = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
        yield _statement("ManageBoundedRoles", bounded, names) | {"Condition": condition}
    if linking:
        yield _statement("LetServicesMakeTheirRoles", linking, "arn:*:iam::*:role/aws-service-role/*")
    if looking:
        yield _statement("LookForRoles", looking, "*")


def _iam_names(templates: Mapping[str, Template]) -> Iterator[str]:
    """ARNs of the roles and policies that the stacks make, and of roles that they name."""
    for stack, template in templates.items():
        for resource in template.get("Resources", {}).values():
            properties = resource.get("Properties", {})
            kind = {"AWS::IAM::Role": "role", "AWS::IAM::ManagedPolicy": "policy"}.get(resource["Type"])
            if kind is not None:
                path = properties.get("Path", "/")
                given = properties.get("RoleName", properties.get("ManagedPolicyName"))
                name = given if isinstance(given, str) else f"{stack}-*"
                yield f"arn:*:iam::*:{kind}{path if isinstance(path, str) else '/*'}{name}"
        for text in _texts(template):
            if ":role/" in text and text.startswith("arn:"):
                yield text


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _texts(inner)


def _what_cdk_uploaded() -> Iterator[Json]:
    yield _statement("ReadBootstrapVersion", {"ssm:GetParameters"}, "arn:*:ssm:*:*:parameter/cdk-bootstrap/*")
    yield _statement("ReadUploadedAssets", {"s3:GetObject"}, "arn:*:s3:::cdk-*-assets-*/*")


def _statement(sid: str, actions: AbstractSet[str], resource: str | list[str]) -> Json:
    return {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": resource}


def _packed(statements: list[Json]) -> Iterator[Json]:
    """Policies with these statements, in their order; one that is too large for a policy is cut in two."""
    policy: Json = {"Version": "2012-10-17", "Statement": []}
    waiting = list(statements)
    while waiting:
        statement = waiting.pop(0)
        larger = policy | {"Statement": [*policy["Statement"], statement]}
        if _size(larger) <= MAX_POLICY_SIZE:
            policy = larger
        elif policy["Statement"]:
            yield policy
            policy = policy | {"Statement": []}
            waiting.insert(0, statement)
        else:
            waiting[:0] = _halves(statement)
    yield policy


def _halves(statement: Json) -> list[Json]:
    longer = max(("Action", "Resource"), key=lambda part: _size(statement[part]))
    items = statement[longer]
    middle = len(items) // 2
    return [
        statement | {"Sid": f"{statement['Sid']}{number}", longer: half}
        for number, half in enumerate((items[:middle], items[middle:]), start=1)
    ]


def _size(node: Any) -> int:
    return len(json.dumps(node, separators=(",", ":")))
