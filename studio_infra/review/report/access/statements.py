"""What a statement of a policy says, as words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio_infra.review.report.text import as_list, listed, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.review.report.section import Cell


def statements_of(document: Any) -> list[Any]:
    """The statements of a policy document: one may stand in no list."""
    statements = document.get("Statement") if isinstance(document, dict) else None
    return [one for one in as_list(statements) if isinstance(one, dict)]


def who(statement: Any) -> Cell:
    """The principals of a statement."""
    found: dict[str, None] = {}
    for key, but in (("Principal", ""), ("NotPrincipal", "all but ")):
        principal = statement.get(key)
        for kind, names in principal.items() if isinstance(principal, dict) else [("", principal)]:
            named = (words(principal),) if kind.startswith("Fn::") else listed(names)
            found.update(dict.fromkeys(f"{but}{name}" for name in named))
    return tuple(found)


def or_all_but(statement: Any, key: str) -> Cell:
    """What a statement names, or all but what it names."""
    but = listed(statement.get(f"Not{key}"))
    return listed(statement.get(key)) or ((f"all but {', '.join(but)}",) if but else ())


def conditions_of(condition: Any) -> Iterator[str]:
    """Each condition as a line."""
    if not isinstance(condition, dict):
        return
    for operator, keys in condition.items():
        for key, value in keys.items() if isinstance(keys, dict) else [("", keys)]:
            yield words(f"{operator} {key}: {', '.join(listed(value))}")
