"""Properties of domains, profiles and spaces: of CloudFormation's registry, of SageMaker's API, and of our page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session

from studio_infra.review.handlers import schema_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "domain-options.md"
KINDS = ("Domain", "UserProfile", "Space")


def paths(kind: str) -> set[str]:
    """Every property of a type that a template can set, with the place where it stands."""
    schema = schema_of(f"AWS::SageMaker::{kind}")
    read_only = {pointer.rpartition("/")[2] for pointer in schema.get("readOnlyProperties", ())}

    def walk(node: dict[str, Any], place: str, seen: tuple[str, ...]) -> Iterator[str]:
        while "$ref" in node or "items" in node:
            if "items" in node:
                node = node["items"]
                continue
            name = node["$ref"].rpartition("/")[2]
            if name in seen:
                return
            node, seen = schema["definitions"][name], (*seen, name)
        if "properties" not in node:
            yield place
        for name, inner in node.get("properties", {}).items():
            yield from walk(inner, f"{place}.{name}" if place else name, seen)

    return {
        place
        for name, inner in schema["properties"].items()
        if name not in read_only
        for place in walk(inner, name, ())
    }


def is_intrinsic(node: dict[str, Any]) -> bool:
    return any(key == "Ref" or key.startswith("Fn::") for key in node)


def set_in(properties: Any, place: str = "") -> set[str]:
    """Every property that a resource of a template sets."""
    if isinstance(properties, list) and properties and isinstance(properties[0], dict):
        if is_intrinsic(properties[0]):
            return {place}
        return set().union(*(set_in(one, place) for one in properties))
    if not isinstance(properties, dict) or not properties or is_intrinsic(properties):
        return {place}
    return set().union(
        *(set_in(value, f"{place}.{key}" if place else key) for key, value in properties.items())
    )


def api_paths(kind: str) -> set[str]:
    """Every property of a type that SageMaker's own API can set, when it is made or later."""
    model = botocore.session.get_session().get_service_model("sagemaker")

    def walk(shape: Any, place: str) -> Iterator[str]:
        if shape.type_name == "structure":
            for name, member in shape.members.items():
                # An update calls some structures by another name.
                called = name.removesuffix("ForUpdate")
                yield from walk(member, f"{place}.{called}" if place else called)
        elif shape.type_name == "list":
            yield from walk(shape.member, place)
        else:
            yield place

    made = (model.operation_model(f"{verb}{kind}").input_shape for verb in ("Create", "Update"))
    return {place for shape in made for place in walk(shape, "")}


def exceptions(heading: str) -> dict[str, set[str]]:
    """A table of the page: properties by type, as patterns."""
    section = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(Domain|UserProfile|Space)` \| `([\w.*]+)` \|", section, re.MULTILINE)
    assert rows, heading
    return {kind: {place for one, place in rows if one == kind} for kind in KINDS}
