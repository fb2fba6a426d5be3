"""Every change of one property that a resource type allows, and what the registry says it does.

Written from cfn-lint's schemas alone, on purpose without a line of the guard: this is what the guard is measured by.
"""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import cfnlint

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMAS = Path(str(cfnlint.__file__)).parent / "data/schemas"
#: failure-modes U2: what aws-service-spec calls a replacement besides.
SECOND_SOURCE = {
    "AWS::SageMaker::Domain": {"Tags", "SubnetIds", "AppNetworkAccessType", "VpcId"},
    "AWS::SageMaker::UserProfile": {"Tags"},
}
_DEPTH = 7


class Mutation(NamedTuple):
    """One change of one resource type."""

    type: str
    pointer: str
    how: str
    old: dict[str, Any]
    new: dict[str, Any]
    expected: str


@cache
def schema_of(name: str) -> dict[str, Any]:
    index = json.loads((SCHEMAS / "providers/us-east-1.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = json.loads(
        (SCHEMAS / f"resources/{index[name]}.json").read_text(encoding="utf-8")
    )
    return found


def mutations(name: str) -> Iterator[Mutation]:
    """Each settable property and each property inside it: changed, taken out, put in."""
    schema = schema_of(name)
    read_only = {pointer.split("/")[2] for pointer in schema.get("readOnlyProperties", [])}
    full = {
        key: sample(schema, one, 0)
        for key, one in schema["properties"].items()
        if key not in read_only or is_listed(schema, f"/properties/{key}")
    }
    for path in places(full):
        pointer = "/properties/" + "/".join(part for part in path if isinstance(part, str))
        # A property that changes, comes or goes takes everything inside it along.
        pointers = (pointer, *(f"{pointer}/{one}" for one in what_is_inside(full, path)))
        expected = max((what_the_registry_says(name, one) for one in pointers), key=RANK)
        without = edited(full, path, drop=True)
        yield Mutation(name, pointer, "changed", full, edited(full, path, drop=False), expected)
        yield Mutation(name, pointer, "taken out", full, without, expected)
        yield Mutation(name, pointer, "put in", without, full, expected)


RANK = ["in place", "may be replaced", "replaced"].index


def what_the_registry_says(name: str, pointer: str) -> str:
    schema = schema_of(name)
    # Schemas of old types say nothing of handlers: CloudFormation updates them by itself.
    if "update" not in schema.get("handlers", {"update": {}}) or is_listed(
        schema, pointer, "createOnlyProperties"
    ):
        return "replaced"
    second = pointer.split("/")[2] in SECOND_SOURCE.get(name, set())
    return (
        "may be replaced"
        if second or is_listed(schema, pointer, "conditionalCreateOnlyProperties")
        else "in place"
    )


def is_listed(schema: dict[str, Any], pointer: str, key: str = "createOnlyProperties") -> bool:
    listed = (one.replace("/*", "") for one in schema.get(key) or [])
    return any(pointer == one or pointer.startswith(f"{one}/") for one in listed)


def sample(root: dict[str, Any], schema: dict[str, Any], depth: int) -> Any:
    """A value with every property there is, as deep as the schema does not repeat itself."""
    if "$ref" in schema:
        node: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            node = node[part]
        return sample(root, node, depth)
    kinds = schema.get("type")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if schema.get("properties") and depth < _DEPTH:
        return {key: sample(root, one, depth + 1) for key, one in schema["properties"].items()}
    if kind == "array":
        return [sample(root, schema["items"], depth + 1)] if depth < _DEPTH and "items" in schema else ["one"]
    return {"boolean": True, "integer": 5, "number": 5, "object": {"Key": "one"}}.get(str(kind), "one")


def places(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path and isinstance(path[-1], str):
        yield path
    for key, one in (
        node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    ):
        yield from places(one, (*path, key))


def edited(full: dict[str, Any], path: tuple[str | int, ...], *, drop: bool) -> dict[str, Any]:
    result = copy.deepcopy(full)
    node: Any = result
    for part in path[:-1]:
        node = node[part]
    if drop:
        del node[path[-1]]
    else:
        node[path[-1]] = different(node[path[-1]])
    return result


def different(value: Any) -> Any:
    """Another value of the same kind; of a container, one whose every part is another."""
    if isinstance(value, dict):
        return {key: different(one) for key, one in value.items()}
    if isinstance(value, list):
        return [different(one) for one in value]
    return (
        not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else f"{value}-changed"
    )


def what_is_inside(full: dict[str, Any], path: tuple[str | int, ...]) -> list[str]:
    node: Any = full
    for part in path:
        node = node[part]
    return ["/".join(part for part in inner if isinstance(part, str)) for inner in places(node)]
