"""From CloudFormation's words to the typed properties of an L1, so that aspects and validation see them.

Settings of a person are written once, as CloudFormation JSON: the roster needs them so, in bulk. A single construct
hands the same JSON to its L1 through here.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

T = TypeVar("T")

#: CloudFormation's name (case folded) of a field: the Python name, and the property class inside, if any.
_Fields = dict[str, tuple[str, type[Any] | None]]
_KNOWN: Final[dict[str, _Fields]] = {}


def properties(cls: type[T], json: Mapping[str, Any]) -> T:
    """Build a property class such as `CfnDomain.UserSettingsProperty` from CloudFormation JSON.

    Raises:
        KeyError: The JSON has a key that the class does not know.

    """
    fields = _fields(cls)
    arguments = {}
    for key, value in json.items():
        name, nested = fields[key.casefold()]
        arguments[name] = _convert(value, nested)
    return cls(**arguments)


def _convert(value: Any, cls: type[Any] | None) -> Any:
    if cls is None:
        return value
    if isinstance(value, Mapping):
        return properties(cls, value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_convert(item, cls) for item in value]
    return value


def _fields(cls: type[Any]) -> _Fields:
    """Look at the class once: reading its type hints is slow."""
    name = f"{cls.__module__}.{cls.__qualname__}"
    if name not in _KNOWN:
        hints = typing.get_type_hints(cls.__init__)
        hints.pop("return", None)
        _KNOWN[name] = {
            field.replace("_", "").casefold(): (field, _property_class(hint)) for field, hint in hints.items()
        }
    return _KNOWN[name]


def _property_class(hint: Any) -> type[Any] | None:
    if isinstance(hint, type) and hint.__name__.endswith("Property"):
        return hint
    for inner in typing.get_args(hint):
        found = _property_class(inner)
        if found is not None:
            return found
    return None
