"""The templates of a synthesized assembly (`cdk.out`), read as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import is_account, is_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Template = dict[str, Any]

#: CloudFormation takes templates of 1 MB; a manifest with the metadata of 10,000 people is larger.
MAX_FILE_SIZE: Final = 64 * 1024 * 1024
#: Stages within stages; nobody nests them deeper.
_MAX_STAGES: Final = 10


#: Where a stack goes: an account and a region, or words instead of them where the app leaves them open.
_ENVIRONMENT: Final = re.compile(r"aws://([^/]*)/([^/]*)")


@dataclass(frozen=True, slots=True)
class SynthesizedStack:
    """A stack of an assembly.

    Args:
        name: What CloudFormation calls it.
        account: Number of the account it goes to; None if the app leaves that open.
        region: The region it goes to; None if the app leaves that open.
        folder: Of the assembly or the stage that it belongs to.
        template: What is in it.

    """

    name: str
    account: str | None
    region: str | None
    folder: Path
    template: Template


def stacks(folder: Path) -> dict[str, SynthesizedStack]:
    """The stacks of an assembly and of its stages, by name.

    Of stacks that have one name in two regions, the second is under `NAME in REGION`.

    Raises:
        InvalidInput: The folder is no assembly, or a file of it cannot be read.

    """
    found: dict[str, SynthesizedStack] = {}
    for stack in _stacks(folder):
        region = stack.region or "another environment"
        found[stack.name if stack.name not in found else f"{stack.name} in {region}"] = stack
    return found


def templates(folder: Path) -> dict[str, Template]:
    """The templates of an assembly and of its stages, by stack name, as in `stacks`.

    Raises:
        InvalidInput: The folder is no assembly, or a file of it cannot be read.

    """
    return {name: stack.template for name, stack in stacks(folder).items()}


def metadata(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """What CDK has written down about constructs of an assembly and of its stages: path and entry.

    Raises:
        InvalidInput: The folder is no assembly, or a file of it cannot be read.

    """
    yield from _metadata(folder)


def template_at(path: Path) -> Template:
    """One template, or another JSON object of an assembly.

    Raises:
        InvalidInput: The file is missing, too large or no JSON object.

    """
    return _json(path)


def _stacks(folder: Path, depth: int = 0) -> Iterator[SynthesizedStack]:
    manifest = folder / "manifest.json"
    for artifact_id, artifact in _object(_json(manifest).get("artifacts", {}), manifest).items():
        kind = _object(artifact, manifest).get("type")
        properties = _object(artifact.get("properties", {}), manifest)
        if kind == "aws:cloudformation:stack":
            place = _ENVIRONMENT.fullmatch(str(artifact.get("environment", "")))
            account, region = place.groups() if place is not None else ("", "")
            yield SynthesizedStack(
                name=str(properties.get("stackName", artifact_id)),
                account=account if is_account(account) else None,
                region=region if is_region(region) else None,
                folder=folder,
                template=_json(inside(folder, _named(properties, "templateFile", manifest))),
            )
        elif kind == "cdk:cloud-assembly" and depth < _MAX_STAGES:
            yield from _stacks(inside(folder, _named(properties, "directoryName", manifest)), depth + 1)


def _metadata(folder: Path, depth: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    manifest = folder / "manifest.json"
    for artifact in _object(_json(manifest).get("artifacts", {}), manifest).values():
        kind = _object(artifact, manifest).get("type")
        if kind == "cdk:cloud-assembly" and depth < _MAX_STAGES:
            directory = _named(_object(artifact.get("properties", {}), manifest), "directoryName", manifest)
            yield from _metadata(inside(folder, directory), depth + 1)
        elif kind == "aws:cloudformation:stack":
            within = _object(artifact.get("metadata", {}), manifest)
            beside = artifact.get("additionalMetadataFile")
            written = _json(inside(folder, beside)) if isinstance(beside, str) else {}
            for path, entries in (*within.items(), *written.items()):
                for entry in entries if isinstance(entries, list) else ():
                    if isinstance(entry, dict):
                        yield path, entry


def _named(properties: dict[str, Any], key: str, manifest: Path) -> str:
    if not isinstance(properties.get(key), str):
        raise InvalidInput("Assembly", f"an artifact has no {key}", path=str(manifest))
    return str(properties[key])


def inside(folder: Path, name: str) -> Path:
    """A file of the folder: who wrote an assembly must not choose what else of a reviewer's disk is reported."""
    try:
        if (folder / name).resolve().is_relative_to(folder.resolve()):
            return folder / name
    except (OSError, RuntimeError, ValueError) as error:  # a circle of links; a name that no file can have
        raise InvalidInput(
            "Assembly", f"names a file that cannot be: {name!r}", path=str(folder / "manifest.json")
        ) from error
    raise InvalidInput(
        "Assembly",
        f"names {name!r}, a file outside of the assembly; only what is in the folder is read",
        path=str(folder / "manifest.json"),
    )


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
