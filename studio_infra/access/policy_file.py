"""Policy files: IAM statements as JSON that people review, and the placeholders in them.

A file is a whole IAM policy. ``${DomainId}`` is a placeholder: it is filled while the parsed JSON is walked,
so a value can never add an action, a statement or a condition. ``${aws:PrincipalTag/studio:user}``, with
a colon, is a variable of IAM and stays as it is. ``Why`` tells reviewers and compliance packs why a statement
may use a wildcard; it is not deployed.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from studio_infra.errors import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

Json = dict[str, Any]
#: What a placeholder stands for: one text, or several for a place that takes a list.
Values = Mapping[str, str | Sequence[str]]

_VARIABLE: Final = re.compile(r"\$\{([^{}]*)\}")
_PLACEHOLDER: Final = re.compile("[A-Za-z]+", re.ASCII)
_IAM_VARIABLE: Final = re.compile(r"[a-z0-9-]+:[^{}]+|[*?$]", re.ASCII)
_SID: Final = re.compile("[A-Za-z0-9]{1,100}", re.ASCII)
_ACTION: Final = re.compile("[a-z0-9-]+:[A-Za-z]+[*]?", re.ASCII)
_KEYS: Final = frozenset({"Sid", "Why", "Effect", "Action", "Resource", "Condition"})
_POLICY_KEYS: Final = {"Version", "Statement"}
_VERSION: Final = "2012-10-17"


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """One policy file, checked.

    Args:
        name: Name of the file without its ending.
        statements: Its statements, with placeholders.

    """

    name: str
    statements: tuple[Json, ...]

    @classmethod
    def shipped(cls, name: str) -> PolicyFile:
        """One of the files in `access/policies`."""
        text = (
            resources.files("studio_infra.access")
            .joinpath("policies", f"{name}.json")
            .read_text(encoding="utf-8")
        )
        return cls(name, tuple(_statements(text, path=f"{name}.json")))

    @classmethod
    def from_path(cls, path: Path) -> PolicyFile:
        """A file of your own.

        Raises:
            InvalidInput: It cannot be read, is not a policy, or allows more than a reviewer could see in it:
                `NotAction`, `NotResource`, all actions or all actions of a service.

        """
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise _refuse(str(path), f"policy file cannot be read as UTF-8 text: {error}") from error
        return cls(path.stem, tuple(_statements(text, path=str(path))))

    @property
    def placeholders(self) -> frozenset[str]:
        """Names of the placeholders in the file."""
        return frozenset(_placeholders(self.statements))

    @property
    def reasons(self) -> dict[str, str]:
        """Why a statement may use wildcards, by Sid."""
        return {statement["Sid"]: statement["Why"] for statement in self.statements if "Why" in statement}

    def filled(self, values: Values) -> list[Json]:
        """The statements with every placeholder filled.

        A list fills a place with each of its texts in turn. A statement about an empty list says nothing, and
        is left out.

        Raises:
            InvalidInput: A placeholder has no value.

        """
        unknown = sorted(self.placeholders - values.keys())
        if unknown:
            known = ", ".join(sorted(values))
            raise _refuse(self.name, f"placeholder ${{{unknown[0]}}} is unknown, known ones: {known}")
        found = (_fill(_deployed(statement), values) for statement in self.statements)
        return [statement for statement in found if not _is_about_nothing(statement)]


def _statements(text: str, *, path: str) -> Iterator[Json]:
    try:
        policy = json.loads(text, object_pairs_hook=_without_repeated_keys)
    except (ValueError, RecursionError) as error:
        raise _refuse(path, f"policy file is not JSON: {error}") from error
    if not isinstance(policy, dict) or policy.keys() != _POLICY_KEYS or policy["Version"] != _VERSION:
        raise _refuse(path, f'policy file must be {{"Version": "{_VERSION}", "Statement": […]}}')
    statements = policy["Statement"]
    if not isinstance(statements, list) or not statements:
        raise _refuse(path, "policy file has no statements, Statement must be a list with at least one")
    seen: set[str] = set()
    for number, statement in enumerate(statements, start=1):
        _check(statement, number=number, seen=seen, path=path)
        yield statement


def _without_repeated_keys(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"{repeated!r} is there twice, and only one of the two would count")
    return found


def _check(statement: Any, *, number: int, seen: set[str], path: str) -> None:
    if not isinstance(statement, dict) or not isinstance(statement.get("Sid"), str):
        raise _refuse(path, f"statement {number} must be an object with a Sid that says what it is for")
    sid = statement["Sid"]
    if _SID.fullmatch(sid) is None or sid in seen:
        raise _refuse(path, f"Sid {sid!r} must be letters and digits, and there only once")
    seen.add(sid)
    if not statement.keys() <= _KEYS or not {"Effect", "Action", "Resource"} <= statement.keys():
        raise _refuse(
            path,
            f"{sid} must have Effect, Action, Resource, perhaps Condition, Why; got {sorted(statement)}",
        )
    if statement["Effect"] not in {"Allow", "Deny"}:
        raise _refuse(path, f"Effect of {sid} must be Allow or Deny, got {statement['Effect']!r}")
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    for action in actions:
        if not isinstance(action, str) or (
            statement["Effect"] == "Allow" and _ACTION.fullmatch(action) is None
        ):
            raise _refuse(
                path,
                f"{sid} allows {action!r}; name actions, s3:GetObject or s3:Get*, not all of a service",
            )
    for variable in _variables(statement):
        if _PLACEHOLDER.fullmatch(variable) is None and _IAM_VARIABLE.fullmatch(variable) is None:
            raise _refuse(
                path,
                f"${{{variable}}} in {sid} is neither a placeholder (letters) nor IAM's (with a colon)",
            )


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for inner in node.values():
            yield from _texts(inner)
    elif isinstance(node, Sequence):
        for inner in node:
            yield from _texts(inner)


def _variables(node: Any) -> Iterator[str]:
    for text in _texts(node):
        yield from _VARIABLE.findall(text)


def _placeholders(node: Any) -> Iterator[str]:
    return (variable for variable in _variables(node) if _PLACEHOLDER.fullmatch(variable))


def _fill(node: Any, values: Values) -> Any:
    if isinstance(node, str):
        texts = _filled_texts(node, values)
        is_list = any(not isinstance(values[name], str) for name in _placeholders(node))
        return texts if is_list else texts[0]
    if isinstance(node, dict):
        return {key: _fill(inner, values) for key, inner in node.items()}
    if isinstance(node, list):
        return [text for inner in node for text in _filled_texts(inner, values)]
    return node


def _filled_texts(text: str, values: Values) -> list[str]:
    """The text, once for every combination of what its placeholders stand for."""
    choices: list[Sequence[str]] = []
    end = 0
    for found in _VARIABLE.finditer(text):
        choices.append([text[end : found.start()]])
        value = values[found[1]] if _PLACEHOLDER.fullmatch(found[1]) else found[0]
        choices.append([value] if isinstance(value, str) else value)
        end = found.end()
    choices.append([text[end:]])
    return ["".join(parts) for parts in itertools.product(*choices)]


def _deployed(statement: Json) -> Json:
    return {key: value for key, value in statement.items() if key != "Why"}


def _is_about_nothing(node: Any) -> bool:
    if isinstance(node, dict):
        return any(_is_about_nothing(inner) for inner in node.values())
    return isinstance(node, list) and not node


def _refuse(path: str, message: str) -> InvalidInput:
    return InvalidInput("PolicyFile", message, path=path)
