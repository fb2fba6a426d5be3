"""The templates of a synthesized assembly (`cdk.out`), read as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from studio_infra.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Template = dict[str, Any]

#: CloudFormation takes templates of 1 MB; a manifest with the metadata of 10,000 people is larger.
MAX_FILE_SIZE: Final = 64 * 1024 * 1024
#: Stages within stages; nobody nests them deeper.
_MAX_STAGES: Final = 10


def templates(folder: Path) -> dict[str, Template]:
    """The templates of an assembly and of its stages, by stack name.

    Of stacks that have one name in two regions, the second is named `NAME in REGION`.

    Raises:
        InvalidInput: The folder is no assembly, or a file of it cannot be read.

    """
    found: dict[str, Template] = {}
    for name, region, template in _templates(folder):
        found[name if name not in found else f"{name} in {region}"] = template
    return found


def template_at(path: Path) -> Template:
    """One template, or another JSON object.

    Raises:
        InvalidInput: The file is missing, too large or no JSON object.

    """
    return _json(path)


def _templates(folder: Path, depth: int = 0) -> Iterator[tuple[str, str, Template]]:
    manifest = folder / "manifest.json"
    for artifact_id, artifact in _object(_json(manifest).get("artifacts", {}), manifest).items():
        kind = _object(artifact, manifest).get("type")
        properties = _object(artifact.get("properties", {}), manifest)
        if kind == "aws:cloudformation:stack":
            region = str(artifact.get("environment", "")).rpartition("/")[2] or "another environment"
            name = str(properties.get("stackName", artifact_id))
            yield name, region, _json(folder / _named(properties, "templateFile", manifest))
        elif kind == "cdk:cloud-assembly" and depth < _MAX_STAGES:
            yield from _templates(folder / _named(properties, "directoryName", manifest), depth + 1)


def _named(properties: dict[str, Any], key: str, manifest: Path) -> str:
    if not isinstance(properties.get(key), str):
        raise InvalidInput("Assembly", f"an artifact has no {key}", path=str(manifest))
    return str(properties[key])


def _object(found: Any, path: Path) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise InvalidInput(
            "Assembly", "is not what 'cdk synth' writes: an object is expected", path=str(path)
        )
    return found


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.exists() and not path.is_file():
            raise InvalidInput("Assembly", "is no file", path=str(path))
        if path.stat().st_size > MAX_FILE_SIZE:
            raise InvalidInput("Assembly", f"is larger than {MAX_FILE_SIZE >> 20} MiB", path=str(path))
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InvalidInput(
            "Assembly",
            f"there is no {path.name}; name a folder that 'cdk synth' wrote",
            path=str(path.parent),
        ) from error
    except RecursionError as error:
        raise InvalidInput("Assembly", "is nested too deeply to be a template", path=str(path)) from error
    except (OSError, ValueError) as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput("Assembly", f"cannot be read as JSON: {error}", path=str(path)) from error
    if not isinstance(found, dict):
        raise InvalidInput("Assembly", "is no JSON object", path=str(path))
    return found
