"""IAM's decision, where MiniStack's own would differ from AWS's."""

from __future__ import annotations

import dataclasses
import re
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from ministack.core import iam_actions, iam_evaluator

if TYPE_CHECKING:
    from collections.abc import Callable

    #: Path, headers and body of a request: everything that IAM must allow for it.
    Resolver = Callable[[str, dict[str, str], bytes], list["Check"]]


@dataclasses.dataclass(frozen=True)
class Check:
    """One thing that IAM must allow.

    Args:
        action: For example ``sagemaker:CreateApp``.
        resource: The ARN.
        keys: Condition keys that the request gives.

    """

    action: str
    resource: str
    keys: dict[str, Any] = dataclasses.field(default_factory=dict)


_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
_LITERALS: Final = {"*": "*", "?": "?", "$": "$"}

_checks: ContextVar[tuple[Check, ...]] = ContextVar("checks", default=())
_refused: ContextVar[Check | None] = ContextVar("refused", default=None)


def authorize(service: str, *, models: tuple[str, ...], resolver: Resolver) -> None:
    """Decide a service's calls by all that they need, each with its own resource and keys.

    Args:
        service: MiniStack's name of the service.
        models: The botocore models whose REST routes name its actions.
        resolver: Says what a request needs.

    """
    iam_actions._BOTOCORE_SERVICE_MAP[service] = list(models)
    old_resource, old_enforce = iam_actions.extract_resource_arn, iam_evaluator.enforce
    old_denied = iam_actions.access_denied_response

    def resource(name: str, method: str, path: str, headers: dict[str, str], body: bytes, *rest: Any) -> Any:
        if name != service:
            return old_resource(name, method, path, headers, body, *rest)
        checks = resolver(path, headers, body)
        _checks.set(tuple(checks))
        return checks[0].resource

    def enforce(key: str, action: str, name: str, region: str, **about: Any) -> Any:
        if name != service or not _checks.get():
            return old_enforce(key, action, name, region, **about)
        given = about.get("service_context") or {}
        for check in _checks.get():
            about = {"resource_arn": check.resource, "service_context": {**given, **check.keys}}
            result = old_enforce(key, check.action, name, region, **about)
            if result is not None:
                _refused.set(check)
                return result
        return None

    def denied(name: str, action: str, principal: str, *args: Any, **about: Any) -> Any:
        refused = _refused.get()
        if name == service and refused is not None and not about.get("error_code"):
            action, about["resource_arn"] = refused.action, refused.resource
            about["message"] = iam_actions.identity_denial_message(
                action, principal, refused.resource, about.get("explicit_deny", False)
            )
        return old_denied(name, action, principal, *args, **about)

    iam_actions.extract_resource_arn = resource
    iam_evaluator.enforce = enforce
    iam_actions.access_denied_response = denied


def name_file_systems(file_system_of: Callable[[str], str | None]) -> None:
    """Decide calls on EFS by the file system that their query names, or whose mount target their path names.

    MiniStack knows one that stands in the path itself, and takes the others for calls on everything.

    Args:
        file_system_of: Says whose mount target one is.

    """
    old = iam_actions.extract_resource_arn

    def resource(name: str, method: str, path: str, headers: dict[str, str], body: bytes, *rest: Any) -> Any:
        found = old(name, method, path, headers, body, *rest)
        if name != "elasticfilesystem" or found.partition(":file-system/")[2] not in {"", "*"}:
            return found
        query, region, account = rest
        given = query.get("FileSystemId")
        named = given[0] if isinstance(given, list) else given
        if named is None and "/mount-targets/" in path:
            named = file_system_of(path.partition("/mount-targets/")[2].partition("/")[0])
        return f"arn:aws:elasticfilesystem:{region}:{account}:file-system/{named}" if named else found

    iam_actions.extract_resource_arn = resource


def know_the_vpc(vpc_of: Callable[[str], str | None]) -> None:
    """Give calls on what is in a VPC the condition key `ec2:Vpc`, as IAM does.

    Args:
        vpc_of: Says in which VPC a security group or a network interface is, by its id.

    """
    old = iam_evaluator.enforce

    def enforce(key: str, action: str, name: str, region: str, **about: Any) -> Any:
        place, _, what = str(about.get("resource_arn", "")).rpartition(":")
        vpc_id = vpc_of(what.partition("/")[2]) if name == "ec2" else None
        if vpc_id is not None:
            given = about.get("service_context") or {}
            about["service_context"] = {**given, "ec2:Vpc": f"{place}:vpc/{vpc_id}"}
        return old(key, action, name, region, **about)

    iam_evaluator.enforce = enforce


def understand_policy_variables() -> None:
    """Let ``${aws:PrincipalTag/team}`` and the like stand for their values in resources and conditions."""
    old = iam_evaluator._first_match

    def first_match(context: Any, statements: list[Any], effect: str) -> Any:
        filled = [_fill(statement, context) for statement in statements if statement.effect == effect]
        return old(context, [statement for statement in filled if statement is not None], effect)

    iam_evaluator._first_match = first_match


def _fill(statement: Any, context: Any) -> Any:
    """A statement with its variables filled in; ``None`` when one has no value: then it matches nothing."""
    if "${" not in repr((statement.resources, statement.not_resources, statement.conditions)):
        return statement
    try:
        return dataclasses.replace(
            statement,
            resources=_filled(statement.resources, context),
            not_resources=_filled(statement.not_resources, context),
            conditions=_filled(statement.conditions, context),
        )
    except LookupError:
        return None


def _filled(value: Any, context: Any) -> Any:
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: _value(found.group(1), context), value)
    if isinstance(value, list):
        return [_filled(item, context) for item in value]
    if isinstance(value, dict):
        return {name: _filled(inner, context) for name, inner in value.items()}
    return value


def _value(variable: str, context: Any) -> str:
    name, _, default = variable.partition(",")
    if name in _LITERALS:
        return _LITERALS[name]
    found = iam_evaluator._resolve_condition_key(name.strip(), context)
    if found is not None and not isinstance(found, list):
        return str(found)
    if default:
        return default.strip().strip("'")
    raise LookupError(name)
