"""What runs, as rows: the same for the table and for programs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio_infra.runtime.functions.idle_sweeper.core import OWNER_TAG, Kind, Phase
from studio_infra.runtime.functions.shared.errors import Kind as ErrorKind
from studio_infra.runtime.functions.shared.errors import kind as error_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from studio_infra.cli.running.place import Place
    from studio_infra.runtime.functions.idle_sweeper.core import Thing
    from studio_infra.runtime.functions.idle_sweeper.fleet import Endpoint, Fleet, Space

_WORDS = {
    Kind.APP: "app",
    Kind.NOTEBOOK: "notebook instance",
    Kind.SERVER: "tracking server",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Something that runs, or a space.

    Args:
        kind: `app`, `space`, `endpoint`, `notebook instance` or `tracking server`.
        name: For people.
        owner: Whose it is; empty if nobody says.
        instance_type: What it runs on; of a space the size of its volume.
        status: The service's word.
        created: When it was made. AWS keeps that of an app that is started again within a day.
        idle_since: The last sign of life that AWS tells of an app; when a space was last changed.

    """

    kind: str
    name: str
    owner: str
    instance_type: str
    status: str
    created: dt.datetime
    idle_since: dt.datetime | None = None


def rows(place: Place, fleet: Fleet, *, seen: Callable[[], None]) -> Iterator[Row]:
    """Everything that runs in the domain, apps first, and its spaces.

    Args:
        place: The domain.
        fleet: What is there.
        seen: Called after each thing that AWS had to be asked about alone.

    """
    for thing in sorted(fleet.things, key=lambda one: (one.kind is not Kind.APP, one.owner, one.label)):
        if thing.phase is not Phase.DOWN:
            yield _thing(place, thing)
            seen()
    for space in sorted(fleet.spaces.values(), key=lambda one: (one.owner or "", one.name)):
        yield _space(space)
    for endpoint in sorted(fleet.endpoints, key=lambda one: one.name):
        yield _endpoint(place, endpoint)
        seen()


def lookups(fleet: Fleet) -> int:
    """How many things AWS has to be asked about alone."""
    return sum(thing.phase is not Phase.DOWN for thing in fleet.things) + len(fleet.endpoints)


def _thing(place: Place, thing: Thing) -> Row:
    sign = None
    if thing.kind is Kind.APP:
        sign = _or_gone(place, place.sagemaker.describe_app, **thing.names).get("LastUserActivityTimestamp")
    return Row(
        kind=_WORDS[thing.kind],
        name=thing.label,
        owner=thing.owner,
        instance_type=thing.instance,
        status=thing.status,
        created=thing.created,
        idle_since=sign,
    )


def _space(space: Space) -> Row:
    return Row(
        kind="space",
        name=space.name,
        owner=space.owner or "shared",
        instance_type=f"{space.gigabytes} GB" if space.gigabytes is not None else "",
        status=space.status,
        created=space.created,
        idle_since=space.modified,
    )


def _endpoint(place: Place, endpoint: Endpoint) -> Row:
    described = _or_gone(place, place.sagemaker.describe_endpoint, EndpointName=endpoint.name)
    config = (
        _or_gone(
            place,
            place.sagemaker.describe_endpoint_config,
            EndpointConfigName=described["EndpointConfigName"],
        )
        if described
        else {}
    )
    types = {variant.get("InstanceType", "serverless") for variant in config.get("ProductionVariants", ())}
    return Row(
        kind="endpoint",
        name=endpoint.name,
        owner=endpoint.tags.get(OWNER_TAG, ""),
        instance_type=", ".join(sorted(types)),
        status=endpoint.status,
        created=endpoint.created,
    )


def _or_gone(place: Place, function: Any, **names: str) -> dict[str, Any]:
    """What AWS says of it; nothing if it has gone since it was listed."""
    try:
        found: dict[str, Any] = place.calls.read(function, **names)
    except Exception as error:
        if error_kind(error) is ErrorKind.GONE:
            return {}
        raise
    return found
