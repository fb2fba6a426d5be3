"""SageMaker's API as botocore's service model describes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from botocore.loaders import Loader
from botocore.model import ServiceModel

from studio_infra.rehearsal.emulator.rules import kinds as rules

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape, StructureShape

_VERBS: Final = ("Create", "Describe", "Delete", "Update", "Stop", "Start", "List")
_ARN_TYPE: Final = re.compile(r":\(?(?:\[0-9\]\{12\}|\\d\{12\})(?:\|aws\))?:([a-z-]+)")


@dataclass(frozen=True)
class Kind:
    """One kind of resource: what its operations have in common.

    Args:
        name: As in the operation names, for example ``UserProfile``.
        identity: The members that tell one from another, in the order of the Describe call.
        arn_type: The word in its ARN, for example ``user-profile``.
        arn_member: The member that carries its ARN.
        status_member: The member that carries its state, when it has one.

    """

    name: str
    identity: tuple[str, ...]
    arn_type: str
    arn_member: str
    status_member: str | None

    @property
    def name_member(self) -> str:
        """The member that holds the resource's own name; the others of the identity are its parents."""
        own = f"{self.name}Name"
        return own if own in self.identity else self.identity[-1]


@cache
def service(name: str = "sagemaker") -> ServiceModel:
    """The model of a service."""
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


def operation(name: str) -> OperationModel | None:
    """One operation, or ``None`` when SageMaker has none of that name."""
    return service().operation_model(name) if name in _operations() else None


def input_shape(name: str) -> StructureShape | None:
    """What an operation takes."""
    found = operation(name)
    return found.input_shape if found is not None else None


def output_shape(name: str) -> StructureShape | None:
    """What an operation answers."""
    found = operation(name)
    return found.output_shape if found is not None else None


def split(name: str) -> tuple[str, str] | None:
    """The verb and the kind of an operation, when both are regular: ``("Create", "App")``."""
    for verb in _VERBS:
        rest = name.removeprefix(verb)
        if rest != name:
            kind = _plurals().get(rest) if verb == "List" else rest
            return (verb, kind) if kind in kinds() else None
    return None


@cache
def kinds() -> dict[str, Kind]:
    """Every kind that can be created and described, by name."""
    names = {n.removeprefix("Describe") for n in _operations() if n.startswith("Describe")}
    return {n: _kind(n) for n in sorted(names) if n in rules.STARTED or f"Create{n}" in _operations()}


def member(shape: Shape | None, name: str) -> Shape | None:
    """A member of a structure, or ``None``."""
    members: dict[str, Shape] = getattr(shape, "members", None) or {}
    return members.get(name)


@cache
def _operations() -> frozenset[str]:
    return frozenset(service().operation_names)


@cache
def _plurals() -> dict[str, str]:
    return {f"{k}s": k for k in kinds()} | {f"{k[:-1]}ies": k for k in kinds() if k.endswith("y")}


def _kind(name: str) -> Kind:
    described = output_shape(f"Describe{name}")
    asked = input_shape(f"Describe{name}")
    identity = rules.IDENTITY.get(name) or tuple(asked.required_members if asked else ())
    arn_member = rules.ARN_MEMBER.get(name) or f"{name}Arn"
    pattern = getattr(member(described, arn_member), "metadata", {}).get("pattern", "")
    found = _ARN_TYPE.search(pattern)
    return Kind(
        name=name,
        identity=identity,
        arn_type=rules.ARN_TYPE.get(name) or (found.group(1) if found else kebab(name)),
        arn_member=arn_member,
        status_member=_status_member(name),
    )


def _status_member(name: str) -> str | None:
    for candidate in (f"{name}Status", "Status"):
        shape = member(output_shape(f"Describe{name}"), candidate)
        # A state that the caller sets is a property like any other.
        if getattr(shape, "enum", None) and member(input_shape(f"Create{name}"), candidate) is None:
            return candidate
    return None


def kebab(name: str) -> str:
    """``NotebookInstance`` as ARNs write it: ``notebook-instance``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
