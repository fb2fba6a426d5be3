"""Personas: what the members of a team may do, as a set of policy files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk

from studio_infra.access.policy_file import Json, PolicyFile, Values
from studio_infra.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: Own apps and spaces, own parameters and secrets, the key of volumes and files.
_EVERYBODY: Final = ("studio", "person", "key_use", "key_grant")
_TRAINS: Final = (
    "team_data_read",
    "team_data_write",
    "jobs",
    "sdk_defaults",
    "logs",
    "pipelines",
    "registry",
    "tracking",
    "invoke",
)
#: Says nothing about a team that shares no space.
_SHARED: Final = "shared_spaces"
_SHIPPED: Final[Mapping[str, tuple[str, ...]]] = {
    "data_scientist": (*_EVERYBODY, *_TRAINS, _SHARED),
    "ml_engineer": (*_EVERYBODY, *_TRAINS, "registry_approve", "serving", _SHARED),
    "analyst": (*_EVERYBODY, "team_data_read", "registry_read", "invoke", _SHARED),
    "admin": (*_EVERYBODY, "admin", _SHARED),
}
#: Signs that a value may not hold: each would match more than it names.
_WIDENING: Final = ("*", "?", "$")


@dataclass(frozen=True, slots=True)
class Persona:
    """What a member of a team may do, in policy files that people can review.

    Args:
        name: How reports call it.
        files: Its policy files, in order.
        values: What the files' own placeholders stand for, beside those that every team fills.

    Raises:
        InvalidInput: Two statements share a Sid, a value holds a wildcard, or no file uses a value.

    """

    name: str
    files: tuple[PolicyFile, ...]
    values: Values = field(default_factory=dict)

    def __post_init__(self) -> None:
        sids = [statement["Sid"] for file in self.files for statement in file.statements]
        for sid in sids:
            if sids.count(sid) > 1:
                raise InvalidInput(
                    "PersonaSid", f"Sid {sid!r} is in persona {self.name!r} twice, rename one of them"
                )
        for name, value in self.values.items():
            if name not in self.placeholders:
                raise InvalidInput(
                    "PersonaValue", f"no file of persona {self.name!r} has a placeholder ${{{name}}}"
                )
            for text in [value] if isinstance(value, str) else value:
                if not cdk.Token.is_unresolved(text) and (
                    not text or any(sign in text for sign in _WIDENING)
                ):
                    raise InvalidInput(
                        "PersonaValue",
                        f"value of ${{{name}}} must have no wildcard and no variable, got {text!r}; "
                        "wildcards belong into the file, where reviewers see them",
                    )

    @classmethod
    def data_scientist(cls) -> Persona:
        """Trains, tracks, registers models for review and invokes the team's endpoints."""
        return cls.named("data_scientist")

    @classmethod
    def ml_engineer(cls) -> Persona:
        """A data scientist who also approves models and serves them."""
        return cls.named("ml_engineer")

    @classmethod
    def analyst(cls) -> Persona:
        """Reads the team's files and models and invokes its endpoints; starts no job."""
        return cls.named("analyst")

    @classmethod
    def admin(cls) -> Persona:
        """Looks after a domain: sees and stops what others run, reads none of their files or secrets."""
        return cls.named("admin")

    @classmethod
    def named(cls, name: str) -> Persona:
        """One of the four above by its name, as settings files write it.

        Raises:
            InvalidInput: There is none of that name.

        """
        if name not in _SHIPPED:
            raise InvalidInput(
                "PersonaName", f"no persona is called {name!r}, there are {', '.join(_SHIPPED)}"
            )
        return cls(name, tuple(PolicyFile.shipped(file) for file in _SHIPPED[name]))

    @classmethod
    def custom(cls, name: str, *, files: Sequence[Path], values: Values | None = None) -> Persona:
        """A persona of your own, from your own policy files.

        Args:
            name: How reports call it.
            files: Whole IAM policies in JSON. They may use the same placeholders as the shipped files.
            values: What placeholders of your own stand for. Defaults to none.

        Raises:
            InvalidInput: A file is not a policy, or a value is unused or holds a wildcard.

        """
        return cls(
            name, tuple(PolicyFile.from_path(file) for file in files), values if values is not None else {}
        )

    def with_shipped(self, *files: str) -> Persona:
        """The same and these shipped files: `Persona.data_scientist().with_shipped("serving")`."""
        return Persona(self.name, (*self.files, *(PolicyFile.shipped(file) for file in files)), self.values)

    def without(self, *files: str) -> Persona:
        """The same, without these files: `Persona.data_scientist().without("logs")`.

        Raises:
            InvalidInput: The persona has no such file.

        """
        names = [file.name for file in self.files]
        for file in files:
            if file not in names:
                raise InvalidInput(
                    "PersonaFile", f"persona {self.name!r} has no file {file!r}, only {', '.join(names)}"
                )
        return Persona(self.name, tuple(file for file in self.files if file.name not in files), self.values)

    @property
    def placeholders(self) -> frozenset[str]:
        """Names of all placeholders in the files."""
        return frozenset().union(*(file.placeholders for file in self.files))

    @property
    def reasons(self) -> dict[str, str]:
        """Why a statement may use wildcards, by Sid."""
        return {sid: reason for file in self.files for sid, reason in file.reasons.items()}

    def statements(self, values: Values) -> list[Json]:
        """All statements with every placeholder filled.

        Raises:
            InvalidInput: A placeholder has no value.

        """
        known = {**self.values, **values}
        return [statement for file in self.files for statement in file.filled(known)]
