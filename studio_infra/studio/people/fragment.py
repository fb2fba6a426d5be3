"""CloudFormation that crosses from Python to the CDK kernel in one call.

Ten thousand people are forty thousand resources. Made one by one, each property bag crosses to Node by itself; as a
template fragment they cross once, and `CfnInclude` still makes a typed L1 of each, so that tags, aspects and validation
see it.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
from aws_cdk import cloudformation_include as include

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from constructs import Construct

    from studio_infra.studio.domain.apps import Json


#: Part of every token that CDK writes as a text.
_MARK: Final = "{Token["
#: What so many resources have, and is longer than a word, crosses once: the trust policy, a team's policies and apps.
_MANY: Final = 8
_LONG: Final = 60
#: Where the settings of a person are: some of them are everybody's, others are not.
_SETTINGS: Final = "UserSettings"
#: Properties that take any JSON. Others are typed, and a typed L1 wants intrinsic functions parsed.
_ANY_JSON: Final = frozenset({"AssumeRolePolicyDocument"})
_INTRINSIC: Final = re.compile(r'"(?:Ref|Fn::\w+)": ')


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
        self._resources[logical_id] = resource

    def add_mapping(self, name: str, rows: Mapping[str, Mapping[str, Any]]) -> None:
        """Add a table that resources look up with `Fn::FindInMap`: for what many resources would repeat."""
        self._mappings[name] = rows

    def include_in(self, scope: Construct, construct_id: str) -> include.CfnInclude:
        """Make the resources in `scope`'s stack, under exactly these logical ids."""
        template = self._template()
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

    def _template(self) -> Json:
        """What crosses: whole resources, tokens, and what many have, as parameters whose values cross beside it.

        The template is read as YAML on the other side, which costs more than anything that is done with it then.
        """
        resources = {key: self._whole(key, one) for key, one in self._resources.items()}
        places = list(self._places(key for key, one in resources.items() if one is None))
        often = Counter(text for _, _, text in places)
        made: Json = {key: one or self._emptied(self._resources[key]) for key, one in resources.items()}
        for (logical_id, *inner), value, text in places:
            target = made[logical_id]["Properties"]
            for key in inner[:-1]:
                target = target.setdefault(key, {})
            shared = often[text] >= _MANY and len(text) >= _LONG
            if shared and (inner[-1] in _ANY_JSON or _INTRINSIC.search(text) is None):
                target[inner[-1]] = self._reference(text, value)
            else:
                target[inner[-1]] = self._without_tokens(value)
        return {"Parameters": self._parameters(), "Mappings": self._mappings, "Resources": made}

    def _whole(self, logical_id: str, resource: Mapping[str, Any]) -> Json | None:
        """The resource with all its properties in one parameter, where nothing in them has to be parsed."""
        properties = resource.get("Properties", {})
        typed = {key: value for key, value in properties.items() if key not in _ANY_JSON}
        if not properties or _INTRINSIC.search(_text(typed)) is not None:
            return None
        name = f"Properties{logical_id}"
        self._values[name] = properties
        return {**resource, "Properties": {"Ref": name}}

    @staticmethod
    def _emptied(resource: Mapping[str, Any]) -> Json:
        return {**resource, "Properties": {}} if "Properties" in resource else {**resource}

    def _places(self, logical_ids: Iterable[str]) -> Iterator[tuple[tuple[str, ...], Any, str]]:
        """Every property, or setting of a person: where it is, what it is, and its text if it is no plain value."""
        for logical_id in logical_ids:
            for key, value in self._resources[logical_id].get("Properties", {}).items():
                inside = value.items() if key == _SETTINGS else ()
                for inner, setting in inside:
                    yield (logical_id, key, inner), setting, _text(setting)
                if not inside:
                    yield (logical_id, key), value, _text(value)

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

    def _reference(self, text: str, value: Any) -> Json:
        # Every different text is one parameter, however many people share it.
        name = self._names.setdefault(text, f"Value{len(self._names) + 1}")
        self._values[name] = value
        return {"Ref": name}


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, dict | list | tuple) else ""
