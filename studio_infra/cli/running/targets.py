"""What a name can mean to `studio-infra stop`: one finder for each kind of thing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from studio_infra.cli.terminal.outcome import CommandFailed
from studio_infra.runtime.functions.idle_sweeper.core import Phase
from studio_infra.runtime.functions.shared.errors import Kind, kind

if TYPE_CHECKING:
    from studio_infra.cli.running.place import Place
    from studio_infra.runtime.functions.idle_sweeper.core import Thing

#: AWS may take 20 minutes to delete an app.
_PATIENCE_SECONDS: Final = 25 * 60
_LOOK_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """What a stop did to one thing.

    Args:
        kind: `app`.
        name: For people.
        owner: Whose it is.
        instance_type: What it ran on.
        status: `stopping`, `stopped`, or `changing`: AWS does something with it right now, so that it was not stopped.

    """

    kind: str
    name: str
    owner: str
    instance_type: str
    status: str


@dataclass(frozen=True)
class Target:
    """Something that a name means.

    Args:
        what: For people: `"person ana"`.
        stop: Stops it, or what belongs to it; loses no file. Takes whether to wait until it has stopped, and what to
            call with the number of things that still stop.

    """

    what: str
    stop: Callable[[bool, Callable[[int], None]], list[Stopped]]


#: Takes a domain and a name; None if the name means nothing to it.
Finder = Callable[["Place", str], Target | None]


def person(place: Place, name: str) -> Target | None:
    """The apps of a person: of their profile, and of the private spaces that they own."""
    profiles = place.calls.pages(
        place.sagemaker.list_user_profiles,
        "UserProfiles",
        DomainIdEquals=place.domain.id,
        UserProfileNameContains=name,
        MaxResults=100,
    )
    if not any(one["UserProfileName"] == name for one in profiles):
        return None

    def own(thing: Thing) -> bool:
        return thing.owner == name

    return Target(f"person {name}", partial(_stop_apps, place, own))


def space(place: Place, name: str) -> Target | None:
    """The app of a space, private or shared."""
    if name not in place.reader.spaces():
        return None

    def own(thing: Thing) -> bool:
        return thing.names.get("SpaceName") == name

    return Target(f"space {name}", partial(_stop_apps, place, own))


#: What a name can mean, by the option that says so. Each kind of thing adds its own.
FINDERS: Final[Mapping[str, Finder]] = {"person": person, "space": space}


def _stop_apps(
    place: Place,
    own: Callable[[Thing], bool],
    wait: bool,  # noqa: FBT001 - the form that all targets have
    waiting: Callable[[int], None],
) -> list[Stopped]:
    apps = [app for app in _apps(place) if own(app) and app.phase is not Phase.DOWN]
    done = [(app, _stop(place, app)) for app in apps]
    if wait:
        stopping = {app.key for app, status in done if status == "stopping"}
        _wait(place, stopping, waiting)
        done = [(app, "stopped" if app.key in stopping else status) for app, status in done]
    return [
        Stopped(kind="app", name=app.label, owner=app.owner, instance_type=app.instance, status=status)
        for app, status in done
    ]


def _stop(place: Place, app: Thing) -> str:
    if app.phase is Phase.GOING:
        return "stopping"
    try:
        place.calls.change(place.sagemaker.delete_app, **app.names)
    except Exception as error:
        if kind(error) is Kind.IN_USE:
            return "changing"
        if kind(error) is not Kind.GONE:
            raise
    return "stopping"


def _wait(place: Place, keys: set[str], waiting: Callable[[int], None]) -> None:
    give_up = time.monotonic() + _PATIENCE_SECONDS
    while True:
        left = [app for app in _apps(place) if app.key in keys and app.phase is not Phase.DOWN]
        waiting(len(left))
        if not left:
            return
        if time.monotonic() > give_up:
            names = ", ".join(app.label for app in left)
            raise CommandFailed(f"still not stopped after {_PATIENCE_SECONDS // 60} minutes: {names}")
        place.calls.wait(_LOOK_SECONDS)


def _apps(place: Place) -> list[Thing]:
    return list(place.reader.apps(place.reader.spaces()))
