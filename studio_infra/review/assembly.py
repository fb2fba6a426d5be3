"""The templates of a synthesized assembly (`cdk.out`), read as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from studio_infra.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Template = dict[str, Any]


def templates(folder: Path) -> dict[str, Template]:
    """The templates of an assembly and of its stages, by stack name.

    Raises:
        InvalidInput: The folder is no assembly, or a file of it cannot be read.

    """
    return dict(_templates(folder))


def _templates(folder: Path) -> Iterator[tuple[str, Template]]:
    for artifact_id, artifact in _json(folder / "manifest.json").get("artifacts", {}).items():
        properties = artifact.get("properties", {})
        if artifact.get("type") == "aws:cloudformation:stack":
            yield properties.get("stackName", artifact_id), _json(folder / properties["templateFile"])
        elif artifact.get("type") == "cdk:cloud-assembly":
            yield from _templates(folder / properties["directoryName"])


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InvalidInput(
            "Assembly",
            f"there is no {path.name}; name a folder that 'cdk synth' wrote",
            path=str(path.parent),
        ) from error
    except (OSError, ValueError) as error:
        raise InvalidInput("Assembly", f"cannot be read as JSON: {error}", path=str(path)) from error
    if not isinstance(found, dict):
        raise InvalidInput("Assembly", "is no JSON object", path=str(path))
    return found
