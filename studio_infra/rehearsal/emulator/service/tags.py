"""Tags of resources, by ARN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.emulator.service import model, paging
from studio_infra.rehearsal.emulator.service.errors import ServiceError, invalid
from studio_infra.rehearsal.emulator.state import store

if TYPE_CHECKING:
    from collections.abc import Iterator

Params = dict[str, Any]

_MOST: Final = 50


def from_list(given: list[dict[str, str]] | None) -> dict[str, str]:
    """The API's list of tags as a dictionary."""
    return {tag["Key"]: str(tag.get("Value", "")) for tag in given or []}


def to_list(given: dict[str, str]) -> list[dict[str, str]]:
    """A dictionary as the API's list of tags."""
    return [{"Key": key, "Value": value} for key, value in given.items()]


def add(params: Params) -> Params:
    """``AddTags``."""
    record = _record(params["ResourceArn"])
    wanted = from_list(params["Tags"])
    if any(key.lower().startswith("aws:") for key in wanted):
        raise invalid("aws: prefixed tag key names are not allowed for external use.")
    merged = record.tags | wanted
    if len(merged) > _MOST:
        raise ServiceError("ResourceLimitExceeded", f"A resource can have at most {_MOST} tags.")
    record.tags = merged
    return {"Tags": to_list(merged)}


def remove(params: Params) -> Params:
    """``DeleteTags``."""
    record = _record(params["ResourceArn"])
    record.tags = {key: value for key, value in record.tags.items() if key not in params["TagKeys"]}
    return {}


def show(params: Params) -> Params:
    """``ListTags``."""
    return paging.page(to_list(_record(params["ResourceArn"]).tags), params, into="Tags", default=_MOST)


def tagged() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Every resource that has tags, for the index of the Resource Groups Tagging API."""
    for kind in model.kinds():
        for record in store.every(kind):
            if record.tags:
                yield record.arn, to_list(record.tags)


def _record(arn: str) -> store.Record:
    record = store.find_arn(arn)
    if record is None:
        raise invalid(f"The resource with ARN {arn} does not exist.")
    return record
