"""Which resource a request means, and its ARN."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from studio_infra.rehearsal.emulator import hooks
from studio_infra.rehearsal.emulator.rules import kinds as rules

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.service.model import Kind

#: A resource's identity: its kind and the values of the kind's identity members.
Key = tuple[str, ...]


def key_of(kind: Kind, params: dict[str, Any]) -> Key:
    """The key that a request or a record has."""
    return (kind.name, *(str(params.get(member) or "") for member in kind.identity))


def make_up(kind: Kind, params: dict[str, Any]) -> dict[str, str]:
    """The identity members that the service chooses at creation."""
    made: dict[str, str] = {}
    for member in kind.identity:
        if (shape := rules.MADE_UP.get((kind.name, member))) is not None:
            made[member] = _random(*shape)
    if kind.name in rules.ARN_TAIL:
        made[kind.identity[0]] = arn(kind.arn_type, _random(*rules.ARN_TAIL[kind.name]))
    return {name: value for name, value in made.items() if not params.get(name)}


def arn_of(kind: Kind, params: dict[str, Any]) -> str:
    """The ARN of the resource that ``params`` describe; a missing member becomes ``*``."""
    if kind.name in rules.ARN_TAIL:
        return str(params.get(kind.identity[0]) or arn(kind.arn_type, "*"))
    values = [str(params.get(m) or "*") for m in kind.identity]
    if kind.name == "App":
        domain, profile, space, app_type, name = values
        # An app is filed under whom it belongs to: the profile or the space.
        values = [domain, space if profile == "*" else profile, app_type, name]
    tail = "/".join(values)
    return arn(kind.arn_type, tail if kind.name in rules.ARN_KEEPS_CASE else tail.lower())


def arn(resource_type: str, tail: str) -> str:
    """A SageMaker ARN in the caller's account and region."""
    return f"arn:aws:sagemaker:{hooks.region()}:{hooks.account()}:{resource_type}/{tail}"


def _random(prefix: str, length: int, alphabet: str) -> str:
    return prefix + "".join(random.choices(alphabet, k=length))  # noqa: S311 - an id, not a secret
