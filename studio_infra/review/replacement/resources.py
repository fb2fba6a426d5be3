"""The resources of some stacks, as a comparison needs them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio_infra.errors import InvalidInput
from studio_infra.review.replacement.resolver import Address, Resolver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio_infra.review.assembly import Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource of a template, its properties resolved.

    Args:
        type: Such as `AWS::SageMaker::Domain`.
        properties: Numbers and booleans are text, as CloudFormation compares them.
        condition: What decides whether it exists, resolved.
        depends_on: What it waits for.
        deletion_policy: What happens when it leaves the template. CloudFormation's own default is `Delete`.
        update_replace_policy: What happens to the old one when it is replaced.

    """

    type: str
    properties: dict[str, Any]
    condition: Any = None
    depends_on: tuple[Address, ...] = ()
    deletion_policy: str = "Delete"
    update_replace_policy: str = "Delete"


def resources_of(templates: Mapping[str, Template]) -> dict[Address, Resource]:
    """Every resource of some stacks.

    Args:
        templates: Templates by stack name.

    Raises:
        InvalidInput: A template is none, or is nested too deeply to be one.

    """
    try:
        resolver = Resolver(templates)
        return {
            Address(stack, logical_id): _resource(resolver, stack, logical_id, found)
            for stack in templates
            for logical_id, found in resolver.resources(stack).items()
        }
    except RecursionError:
        raise InvalidInput("Template", "is nested too deeply to be a template") from None


def _resource(resolver: Resolver, stack: str, logical_id: str, found: Any) -> Resource:
    where = f"{stack}/{logical_id}"
    if not isinstance(found, dict) or not isinstance(found.get("Type"), str):
        raise InvalidInput(
            "Template", "is no resource: an object with a Type is expected, macros expanded", path=where
        )
    properties = found.get("Properties") or {}
    if not isinstance(properties, dict):
        raise InvalidInput("Template", "Properties must be an object", path=where)
    waits = found.get("DependsOn") or []
    waits = waits if isinstance(waits, list) else [waits]
    condition = found.get("Condition")
    return Resource(
        type=found["Type"],
        properties=resolver.value(stack, properties),
        condition=None if condition is None else resolver.condition(stack, condition),
        depends_on=tuple(sorted(Address(stack, one) for one in waits if isinstance(one, str))),
        deletion_policy=_policy(found.get("DeletionPolicy", "Delete")),
        update_replace_policy=_policy(found.get("UpdateReplacePolicy", "Delete")),
    )


def _policy(given: Any) -> str:
    """A policy that only the deployment knows retains nothing, as far as anybody can tell."""
    return given if isinstance(given, str) else json.dumps(given, sort_keys=True)
