"""This room's policies: JSON files in `policies/`, and those that it shares with the roles of teams."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import aws_iam as iam

from studio_infra.access import PolicyFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FOLDER: Final = Path(__file__).parent / "policies"


def filled(name: str, values: Mapping[str, str | Sequence[str]]) -> list[dict[str, Any]]:
    """The statements of `policies/<name>.json`; one about an empty list is left out."""
    return PolicyFile.from_path(_FOLDER / f"{name}.json").filled(values)


def statements(name: str, values: Mapping[str, str | Sequence[str]]) -> list[iam.PolicyStatement]:
    """The same for a role."""
    return [iam.PolicyStatement.from_json(statement) for statement in filled(name, values)]


def team_statements(name: str, values: Mapping[str, str | Sequence[str]]) -> list[iam.PolicyStatement]:
    """The statements of one of the files that teams' roles use as well."""
    return [iam.PolicyStatement.from_json(statement) for statement in PolicyFile.shipped(name).filled(values)]
