"""CloudFormation that crosses from Python to the CDK kernel in one call.

Ten thousand people are forty thousand resources. Made one by one, each property bag crosses to Node by itself; as a
template fragment they cross once, and `CfnInclude` still makes a typed L1 of each, so that tags, aspects and validation
see it.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
from aws_cdk import cloudformation_include as include

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from studio_infra.studio.domain.apps import Json


#: Part of every token that CDK writes as a text.
_MARK: Final = "{Token["


class Fragment:
    """Resources in CloudFormation's words. Values may hold CDK tokens: what is known only later."""

    def __init__(self) -> None:
        self._resources: Json = {}
        self._mappings: Json = {}
        self._values: dict[str, Any] = {}
        self._names: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._resources)

    def add(self, logical_id: str, resource: Mapping[str, Any]) -> None:
        """Add a resource under a logical id of its own."""
        self._resources[logical_id] = self._without_tokens(resource)

    def add_mapping(self, name: str, rows: Mapping[str, Mapping[str, Any]]) -> None:
        """Add a table that resources look up with `Fn::FindInMap`: for what many resources would repeat."""
        self._mappings[name] = rows

    def include_in(self, scope: Construct, construct_id: str) -> include.CfnInclude:
        """Make the resources in `scope`'s stack, under exactly these logical ids."""
        template = {
            "Parameters": self._parameters(),
            "Mappings": self._mappings,
            "Resources": self._resources,
        }
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "fragment.json")
            file.write_text(json.dumps(template), encoding="utf-8")
            made = include.CfnInclude(scope, construct_id, template_file=str(file), parameters=self._values)
        for name, rows in self._mappings.items():
            # Look-ups in a fragment do not count as use of a table, and CDK would advise to leave the table out. One
            # that it cannot resolve by itself counts, also when its result goes nowhere.
            column = next(iter(next(iter(rows.values()))))
            made.get_mapping(name).find_in_map(cdk.Aws.REGION, column)
        return made

    def _parameters(self) -> Json:
        return {
            name: {"Type": "CommaDelimitedList" if isinstance(value, list) else "String"}
            for name, value in self._values.items()
        }

    def _without_tokens(self, value: Any) -> Any:
        """The same JSON, with a reference to a parameter wherever a token stands."""
        if isinstance(value, str):
            # Whether it is a token asks Node, a quarter of a million times for ten thousand people: first look here.
            is_token = _MARK in value and cdk.Token.is_unresolved(value)
            return self._reference(value, value) if is_token else value
        if isinstance(value, dict):
            return {key: self._without_tokens(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._without_tokens(inner) for inner in value]
        return value

    def _reference(self, token: str, value: Any) -> Json:
        # Every different text is one parameter, however many people share it.
        name = self._names.setdefault(token, f"Value{len(self._names) + 1}")
        self._values[name] = value
        return {"Ref": name}
