"""Lists: filters, order and pages, mapped from the names in the service model."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.emulator.rules import filters as rules
from studio_infra.rehearsal.emulator.service import model, paging, views
from studio_infra.rehearsal.emulator.service.errors import unsupported
from studio_infra.rehearsal.emulator.state import store

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio_infra.rehearsal.emulator.service.model import Kind
    from studio_infra.rehearsal.emulator.state.store import Record

_PAGING: Final = frozenset({"NextToken", "MaxResults", "SortBy", "SortOrder"})
_DEFAULT_PAGE: Final = re.compile(r"default[^.]*?(?:is|of)\s*(\d+)", re.IGNORECASE)
_DEFAULT_ORDER: Final = re.compile(r"default is (?:<code>)?(Ascending|Descending)", re.IGNORECASE)

#: How the end of a filter's name compares.
_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "Equals": lambda actual, wanted: bool(actual == wanted),
    "NotEquals": lambda actual, wanted: bool(actual != wanted),
    "Contains": lambda actual, wanted: str(wanted).lower() in str(actual or "").lower(),
    "After": lambda actual, wanted: float(actual) > _seconds(wanted),
    "Before": lambda actual, wanted: float(actual) < _seconds(wanted),
    "": lambda actual, wanted: bool(actual == wanted),
}


def run(operation: str, kind: Kind, params: dict[str, Any]) -> dict[str, Any]:
    """One page of the resources of a kind that a request asks for.

    Raises:
        ServiceError: The request uses a filter that the rehearsal does not know; an answer without it would
            be wrong.

    """
    output = model.output_shape(operation)
    members = getattr(output, "members", {})
    into = next(name for name, shape in members.items() if shape.type_name == "list")
    item = members[into].member
    found = store.every(kind.name)
    for name, wanted in params.items():
        if name not in _PAGING and wanted is not None:
            found = list(filter(_filter(operation, kind, name, wanted), found))
    found.sort(key=_order(kind, params.get("SortBy")), reverse=_descending(operation, params))
    page = paging.page(found, params, into=into, default=_page_size(operation))
    page[into] = [views.show(r, item) if item.type_name == "structure" else r.arn for r in page[into]]
    return page


def _filter(operation: str, kind: Kind, name: str, wanted: Any) -> Callable[[Record], bool]:
    for end, compare in _COMPARISONS.items():
        if name.endswith(end) and (member := _member(operation, kind, name.removesuffix(end))) is not None:
            return lambda record: compare(views.fact(record, member), wanted)
    raise unsupported(f"the filter {name} of sagemaker:{operation}")


def _member(operation: str, kind: Kind, word: str) -> str | None:
    special = rules.MEMBERS.get((operation, word))
    if special is not None:
        return special
    if word == "Name":
        return rules.NAMES.get(kind.name, kind.name_member)
    if word in ("Status", kind.status_member):
        return kind.status_member
    if word in ("CreationTime", "LastModifiedTime", "CreatedAt"):
        return word
    described = model.output_shape(f"Describe{kind.name}")
    return word if model.member(described, word) is not None else None


def _order(kind: Kind, sort_by: str | None) -> Callable[[Record], tuple[Any, ...]]:
    named = {"Name": rules.NAMES.get(kind.name, kind.name_member), "Status": kind.status_member}
    member = named.get(sort_by or "", sort_by) or "CreationTime"

    def order(record: Record) -> tuple[Any, ...]:
        value = views.fact(record, member)
        value = record.created if value is None else value
        return (isinstance(value, str), value)

    return order


def _descending(operation: str, params: dict[str, Any]) -> bool:
    return str(params.get("SortOrder") or _documented(operation, "SortOrder", _DEFAULT_ORDER)) == "Descending"


def _page_size(operation: str) -> int:
    return int(_documented(operation, "MaxResults", _DEFAULT_PAGE) or rules.PAGE)


@cache
def _documented(operation: str, member: str, pattern: re.Pattern[str]) -> str:
    shape = model.member(model.input_shape(operation), member)
    found = pattern.search(getattr(shape, "documentation", "") or "")
    return found.group(1) if found else ""


def _seconds(moment: Any) -> float:
    if isinstance(moment, int | float):
        return float(moment)
    return dt.datetime.fromisoformat(str(moment)).timestamp()
