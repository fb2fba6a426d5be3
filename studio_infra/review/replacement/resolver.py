"""Values of templates with everything written into them that they hang on.

A property can change although its text does not: a parameter's default, a mapping, a condition or another stack's
output may. So these are put in its place, and what refers to a resource becomes a `Reference`, however it is written.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

from studio_infra.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from studio_infra.review.assembly import Template

_NO_VALUE: Final = {"Ref": "AWS::NoValue"}
_PLACEHOLDER: Final = re.compile(r"\$\{([A-Za-z0-9_.:]{1,300})\}")
#: Values that all references written out may have. 10,000 people have some millions; a template whose conditions or
#: outputs double each other would never end.
MOST_VALUES: Final = 20_000_000
_CONDITIONS: Final = "Conditions"
_MAPPINGS: Final = "Mappings"
_OUTPUTS: Final = "Outputs"
_SECTIONS: Final = (_CONDITIONS, _MAPPINGS, _OUTPUTS, "Parameters", "Resources")


class Address(NamedTuple):
    """Where a resource stands: its stack and its logical id."""

    stack: str
    logical_id: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that another resource of these stacks has.

    Args:
        to: The other resource.
        attribute: `Ref`, or the attribute's name.

    """

    to: Address
    attribute: str


def is_opaque(value: Any) -> bool:
    """Whether only the deployment knows what a value is."""
    return isinstance(value, Reference) or (
        isinstance(value, dict) and any(key == "Ref" or key.startswith("Fn::") for key in value)
    )


class Resolver:
    """Resolves values of some templates.

    Args:
        templates: Templates by stack name.

    Raises:
        InvalidInput: A section of a template is no object, or values refer to each other without end.

    """

    def __init__(self, templates: Mapping[str, Template]) -> None:
        self._sections: Final = {
            stack: {name: _section(stack, template, name) for name in _SECTIONS}
            for stack, template in templates.items()
        }
        self._found: dict[tuple[str, ...], tuple[Any, int]] = {}
        self._written = 0
        self._exports = {
            json.dumps(self.value(stack, output["Export"]["Name"]), default=str): (stack, name)
            for stack, sections in self._sections.items()
            for name, output in sections[_OUTPUTS].items()
            if isinstance(output, dict)
            and isinstance(output.get("Export"), dict)
            and "Name" in output["Export"]
        }

    def resources(self, stack: str) -> dict[str, Any]:
        """The resources of a stack as its template has them."""
        return self._sections[stack]["Resources"]

    def value(self, stack: str, node: Any) -> Any:
        """A value with everything written into it. Comparable; equal if nothing changes."""
        self._count(stack, 1)
        if isinstance(node, list):
            return [self.value(stack, one) for one in node if not _is_absent(one)]
        if not isinstance(node, dict):
            return _scalar(node)
        if len(node) == 1:
            (function, argument), *_ = node.items()
            if function in self._FUNCTIONS:
                return self._FUNCTIONS[function](self, stack, argument)
        return {key: self.value(stack, one) for key, one in node.items() if not _is_absent(one)}

    def _ref(self, stack: str, argument: Any) -> Any:
        if not isinstance(argument, str):
            return {"Ref": self.value(stack, argument)}
        name = argument
        if name in self._sections[stack]["Resources"]:
            return Reference(Address(stack, name), "Ref")
        parameter = self._sections[stack]["Parameters"].get(name)
        if isinstance(parameter, dict):
            known = {key: _scalar(parameter.get(key)) for key in ("Default", "Type")}
            return {"Ref": name, **known}
        return {"Ref": name}

    def _get_att(self, stack: str, argument: Any) -> Any:
        parts = argument.split(".") if isinstance(argument, str) else argument
        match parts:
            case [str(name), _, *_]:
                names = (
                    one if isinstance(one, str) else json.dumps(one, sort_keys=True) for one in parts[1:]
                )
                return Reference(Address(stack, name), ".".join(names))
        return {"Fn::GetAtt": self.value(stack, argument)}

    def _sub(self, stack: str, argument: Any) -> Any:
        match argument if isinstance(argument, list) else [argument, {}]:
            case [str(text), dict(given)]:
                values = {
                    name: self.value(stack, given[name])
                    if name in given
                    else (self._get_att(stack, name) if "." in name else self._ref(stack, name))
                    for name in _PLACEHOLDER.findall(text)
                }
                return {"Fn::Sub": text, "Values": values} if values else text
        return {"Fn::Sub": self.value(stack, argument)}

    def _find_in_map(self, stack: str, argument: Any) -> Any:
        node: Any = self._sections[stack][_MAPPINGS]
        keys = argument[:3] if isinstance(argument, list) else [None]
        for key in keys:
            if not isinstance(node, dict) or not isinstance(key, str) or key not in node:
                break
            node = node[key]
        else:
            # Everybody's profile finds the same long list: one is enough for all of them.
            return self._once((_MAPPINGS, stack, *keys), stack, node)
        return {"Fn::FindInMap": [self.value(stack, argument), self.value(stack, node)]}

    def _if(self, stack: str, argument: Any) -> Any:
        if not isinstance(argument, list) or not argument:
            return {"Fn::If": self.value(stack, argument)}
        branches = [None if _is_absent(one) else self.value(stack, one) for one in argument[1:]]
        return {"Fn::If": [self.condition(stack, argument[0]), *branches]}

    def condition(self, stack: str, argument: Any) -> Any:
        """A condition by its name, with what decides it."""
        found = self._sections[stack][_CONDITIONS].get(argument) if isinstance(argument, str) else None
        if found is None:
            return {"Condition": self.value(stack, argument)}
        return {"Condition": self._once((_CONDITIONS, stack, argument), stack, found)}

    def _output(self, stack: str, argument: Any) -> Any:
        found = argument if isinstance(argument, dict) else {}
        value = self._published(found.get("StackName"), found.get("OutputName"))
        return {"Fn::GetStackOutput": self.value(stack, argument)} if value is None else value

    def _import(self, stack: str, argument: Any) -> Any:
        key = json.dumps(self.value(stack, argument), default=str)
        value = self._published(*self._exports.get(key, (None, None)))
        return {"Fn::ImportValue": self.value(stack, argument)} if value is None else value

    def _published(self, stack: Any, name: Any) -> Any:
        if not isinstance(stack, str) or not isinstance(name, str):
            return None
        output = self._sections.get(stack, {}).get(_OUTPUTS, {}).get(name)
        if not isinstance(output, dict) or "Value" not in output:
            return None
        itself = {"Fn::GetStackOutput": [stack, name]}
        return self._once((_OUTPUTS, stack, name), stack, output["Value"], itself=itself)

    def _once(self, place: tuple[str, ...], stack: str, node: Any, *, itself: Any = None) -> Any:
        """What many refer to is resolved once, and counted every time; `itself` is what a circle finds meanwhile."""
        if place in self._found:
            value, size = self._found[place]
            self._count(stack, size)
            return value
        if itself is not None:
            self._found[place] = (itself, 1)
        before = self._written
        value = self.value(stack, node)
        self._found[place] = (value, self._written - before)
        return value

    def _count(self, stack: str, values: int) -> None:
        self._written += values
        if self._written > MOST_VALUES:
            raise InvalidInput(
                "Template",
                f"has more than {MOST_VALUES:,} values once its references are written out; look for conditions, "
                "mappings or outputs that name each other twice",
                path=stack,
            )

    _FUNCTIONS: ClassVar[dict[str, Callable[[Resolver, str, Any], Any]]] = {
        "Condition": condition,
        "Fn::FindInMap": _find_in_map,
        "Fn::GetAtt": _get_att,
        "Fn::GetStackOutput": _output,
        "Fn::If": _if,
        "Fn::ImportValue": _import,
        "Fn::Sub": _sub,
        "Ref": _ref,
    }


def _section(stack: str, template: Any, name: str) -> dict[str, Any]:
    if not isinstance(template, dict):
        raise InvalidInput("Template", "is no template: a JSON object is expected", path=stack)
    found = template.get(name, {})
    if not isinstance(found, dict):
        raise InvalidInput("Template", f"{name} must be an object", path=stack)
    return found


def _scalar(node: Any) -> Any:
    if isinstance(node, bool):
        return "true" if node else "false"
    return str(node) if isinstance(node, int | float) else node


def _is_absent(node: Any) -> bool:
    return node is None or (isinstance(node, dict) and node == _NO_VALUE)
