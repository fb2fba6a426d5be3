"""Finding what a request means, and saying it in AWS's words when it is not there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from studio_infra.rehearsal.emulator.rules import kinds as rules
from studio_infra.rehearsal.emulator.service import model, views
from studio_infra.rehearsal.emulator.service.errors import ServiceError, invalid
from studio_infra.rehearsal.emulator.service.identity import key_of
from studio_infra.rehearsal.emulator.state import store

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.service.model import Kind
    from studio_infra.rehearsal.emulator.state.store import Record


def find(kind: Kind, params: dict[str, Any]) -> Record | None:
    """The record that a request means; a single name may also be given as an ARN."""
    for member in kind.identity:
        value = params.get(member)
        if isinstance(value, str) and value.startswith("arn:"):
            return store.find_arn(value)
    if kind.name == "ImageVersion" and not params.get("Version"):
        versions = store.every("ImageVersion", ImageName=params.get("ImageName"))
        return versions[-1] if versions else None
    return store.find(key_of(kind, params))


def require(kind: Kind, params: dict[str, Any]) -> Record:
    """The record that a request means.

    Raises:
        ServiceError: There is none.

    """
    record = find(kind, params)
    if record is None:
        raise missing(kind, params)
    return record


def require_named(kind: str, **identity: Any) -> Record:
    """The record of a kind with this identity.

    Raises:
        ServiceError: There is none.

    """
    return require(model.kinds()[kind], identity)


def missing(kind: Kind, params: dict[str, Any]) -> ServiceError:
    """The error for something that does not exist."""
    if kind.name in rules.OLDER:
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.name).lower()
        return invalid(f'Could not find {words} "{params.get(kind.name_member, "")}".')
    return ServiceError("ResourceNotFound", f"{views.label_of(kind, params)} does not exist.")


def taken(kind: Kind, name: str, arn: str) -> ServiceError:
    """The error for a name that is in use."""
    if kind.name in rules.OLDER:
        return invalid(f'Cannot create already existing {model.kebab(kind.name).replace("-", " ")} "{arn}".')
    return ServiceError("ResourceInUse", f"{kind.name} {name} already exists. ({arn})")
