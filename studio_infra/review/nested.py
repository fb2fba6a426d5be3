"""Templates of nested stacks: they lie in an assembly as assets, and their parents name them by a hash."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from studio_infra.errors import InvalidInput
from studio_infra.review.assembly import inside, stacks, template_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from studio_infra.review.assembly import Template

_KIND: Final = "AWS::CloudFormation::Stack"
_HASH: Final = re.compile("[0-9a-f]{64}")
#: CloudFormation takes 500 resources in a stack; an app with more nested stacks than this is one that nests itself.
MOST: Final = 1000


def nested_templates(
    folder: Path, templates: Mapping[str, Template]
) -> tuple[dict[str, Template], list[str]]:
    """The templates of nested stacks as `PARENT/LOGICAL_ID`, and the names of those whose template is not there.

    Args:
        folder: Of an assembly, or of templates: then no nested template is there.
        templates: By stack name.

    Raises:
        InvalidInput: A file cannot be read, or nested stacks hold each other without end.

    """
    known = stacks(folder) if (folder / "manifest.json").exists() else {}
    assets = {stack.folder: _assets(stack.folder) for stack in known.values()}
    found: dict[str, Template] = {}
    missing: list[str] = []
    waiting = [
        (name, template, known[name].folder if name in known else None)
        for name, template in templates.items()
    ]
    while waiting:
        parent, template, place = waiting.pop()
        for logical_id, url in _nested(template):
            name = f"{parent}/{logical_id}"
            file = None if place is None else _file(url, assets[place])
            if place is None or file is None:
                missing.append(name)
                continue
            found[name] = template_at(inside(place, file))
            if len(found) > MOST:
                raise InvalidInput(
                    "Template",
                    f"has more than {MOST} nested stacks; look for one that holds itself",
                    path=parent,
                )
            waiting.append((name, found[name], place))
    return dict(sorted(found.items())), sorted(missing)


def _nested(template: Template) -> Iterator[tuple[str, Any]]:
    """Logical ids of nested stacks, and where their templates are."""
    resources = template.get("Resources")
    for logical_id, resource in resources.items() if isinstance(resources, dict) else ():
        if isinstance(resource, dict) and resource.get("Type") == _KIND:
            properties = resource.get("Properties")
            yield logical_id, properties.get("TemplateURL") if isinstance(properties, dict) else None


def _file(url: Any, assets: Mapping[str, str]) -> str | None:
    """The file of the asset that an address names by its hash."""
    return next((assets[one] for one in _HASH.findall(json.dumps(url)) if one in assets), None)


def _assets(folder: Path) -> dict[str, str]:
    """The files of an assembly that are published, by their hash."""
    found: dict[str, str] = {}
    for artifact in template_at(folder / "manifest.json").get("artifacts", {}).values():
        listed = (
            artifact.get("properties", {}).get("file")
            if artifact.get("type") == "cdk:asset-manifest"
            else None
        )
        files = template_at(inside(folder, listed)).get("files") if isinstance(listed, str) else None
        for name, asset in files.items() if isinstance(files, dict) else ():
            source = asset.get("source") if isinstance(asset, dict) else None
            path = source.get("path") if isinstance(source, dict) else None
            if isinstance(path, str) and path.endswith(".json"):
                found[name] = path
    return found
