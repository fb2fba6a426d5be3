"""Reads synthesized templates: policies of a role, and what has to be deleted before what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aws_cdk.assertions import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    import aws_cdk as cdk

Json = dict[str, Any]


def resources(stack: cdk.Stack) -> Json:
    """The resources of the template."""
    found: Json = Template.from_stack(stack).to_json()["Resources"]
    return found


def only(template: Json, kind: str) -> Json:
    """The properties of the one resource of its kind."""
    found = [resource for resource in template.values() if resource["Type"] == kind]
    assert len(found) == 1, f"{len(found)} of {kind}"
    properties: Json = found[0]["Properties"]
    return properties


def statements(template: Json, id_part: str) -> Json:
    """Sid to statement, of the managed policies whose logical id has `id_part` in it."""
    found = [
        statement
        for logical_id, resource in template.items()
        if resource["Type"] == "AWS::IAM::ManagedPolicy" and id_part in logical_id
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
    ]
    by_sid = {statement["Sid"]: statement for statement in found}
    assert len(by_sid) == len(found), "IAM refuses a policy that has a Sid twice"
    return by_sid


def text(value: Any) -> str:
    """A value with its references as `<LogicalId.Attribute>`."""
    if isinstance(value, dict):
        ((name, inner),) = value.items()
        if name == "Fn::Join":
            return str(inner[0]).join(text(part) for part in inner[1])
        if name == "Fn::GetAtt":
            return f"<{'.'.join(inner)}>"
        return f"<{inner}>" if name == "Ref" else json.dumps(value)
    return str(value)


def texts(value: Any) -> list[str]:
    """One or several values as `text`."""
    return [text(item) for item in (value if isinstance(value, list) else [value])]


def needs(template: Json, logical_id: str) -> set[str]:
    """Every resource that is made before this one, and deleted after it."""
    found: set[str] = set()
    waiting = [logical_id]
    while waiting:
        resource = template[waiting.pop()]
        depends = resource.get("DependsOn", [])
        named = {*([depends] if isinstance(depends, str) else depends), *_references(resource["Properties"])}
        new = (named & template.keys()) - found
        found |= new
        waiting += new
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref":
                yield inner
            elif key == "Fn::GetAtt":
                yield inner[0]
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
