"""What comes next in emptying one domain: decided from what AWS shows, and from nothing else.

Nothing here looks at AWS or at a clock of its own, and nothing remembers what was done before: a drain that was stopped
anywhere goes on by looking again. The order is that in which things depend on each other:

1. Apps. Each is in the way of its space, and of its person.
2. If the homes shall go: a last copy of them, when nobody writes to them any more. Nothing with data in it goes before
   that copy is complete. An app that somebody starts after it makes it worthless: then there is another.
3. Spaces, then profiles.
4. Lifecycle configurations are detached from the domain. Those of profiles and spaces went with them.
5. The domain, with what was decided about its homes.
6. The mount targets of its home file system, and the file system if SageMaker left it.
7. Its security groups. Two of them name each other in their rules, so all rules go first.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .world import DELETING, FAILED, Homes, Wish, World

#: A copy is the last one if it is not older than this: for as long SageMaker lists apps that were deleted, so one that
#: was started after the copy cannot have come and gone unseen.
FRESH: Final = dt.timedelta(hours=23)
#: A list may not show yet what was started last: a copy counts only if it began this long after every app, so that
#: each of them was seen, and gone, when it did.
SETTLED: Final = dt.timedelta(minutes=5)
_COMPLETED: Final = "COMPLETED"
_COPYING: Final = frozenset({"CREATED", "PENDING", "RUNNING", "ABORTING"})
#: Of file systems and mount targets.
_GOING: Final = ("deleting", "deleted")
#: What a domain is in no state to be changed or deleted in.
_UNDER_WAY: Final = {DELETING: "being deleted", "Updating": "being updated", "Pending": "being made"}
#: SageMaker's word for "no lifecycle configuration".
NONE: Final = "None"
#: More names in one line help nobody.
_NAMED: Final = 5


class Verb(enum.Enum):
    """What can be done."""

    STOP_APP = "stop"
    COPY_HOME = "copy"
    DELETE_SPACE = "delete space"
    DELETE_PROFILE = "delete profile"
    DETACH = "detach the lifecycle configurations of"
    DELETE_DOMAIN = "delete domain"
    DELETE_TARGET = "delete mount target"
    DELETE_HOME = "delete home"
    REVOKE = "revoke the rules of"
    DELETE_GROUP = "delete security group"


@dataclass(frozen=True)
class Action:
    """One call, or two, that changes something.

    Args:
        verb: What is done.
        thing: What it is done to: one of the values of `world`.
        homes: For the domain: what happens to its homes.
        token: For a copy: makes a repeated request the same one.

    """

    verb: Verb
    thing: Any
    homes: Homes = Homes.RETAIN
    token: str = ""

    @property
    def optional(self) -> bool:
        """Whether it may be refused without standing in the way of anything: it is tried once in a run.

        AWS says that an app that failed is in nobody's way and cannot be deleted. If that were ever different, a space
        could not go for its sake.
        """
        return self.verb is Verb.DETACH or (self.verb is Verb.STOP_APP and not self.thing.live)

    def __str__(self) -> str:
        """What people call it."""
        word = "delete" if self.verb.value.startswith("delete ") else self.verb.value
        return f"{word} {self.thing}"


@dataclass(frozen=True)
class Step:
    """What comes next.

    Args:
        actions: What can be done now.
        waits: What is under way and has to end first, in words.
        left: Everything of the domain that is still there and has to go, in words.

    """

    actions: tuple[Action, ...] = ()
    waits: tuple[str, ...] = ()
    left: tuple[str, ...] = field(default=(), compare=False)

    @property
    def done(self) -> bool:
        """Whether nothing is left to do and nothing to wait for."""
        return not self.actions and not self.waits


def next_step(world: World, wish: Wish, *, now: dt.datetime, tried: Collection[str] = frozenset()) -> Step:
    """What comes next.

    Args:
        world: What AWS shows now.
        wish: What somebody consented to.
        now: With a time zone.
        tried: What this run did already, in words. Only what is optional is not repeated.

    """
    moves = [move for move in _people(world, wish, now) if str(move) not in tried]
    if not moves:
        moves = list(_domain(world, wish, tried) if world.domain is not None else _remains(world, wish))
    actions = tuple(move for move in moves if isinstance(move, Action))
    waits = tuple(move for move in moves if isinstance(move, str))
    return Step(actions, waits, tuple(left(world, wish)))


def left(world: World, wish: Wish) -> Iterator[str]:
    """Everything that is there and has to go, in words."""
    for thing in world.things():
        if thing is not world.home or wish.homes is Homes.DELETE:
            status = getattr(thing, "status", "")
            yield f"{thing} ({status})" if status else str(thing)


def would_be_lost(world: World, wish: Wish) -> list[str]:
    """What nobody could bring back, in words: the volumes of spaces, and the homes unless they stay or are copied."""
    lost = []
    if world.spaces:
        names = ", ".join(space.name for space in world.spaces[:_NAMED])
        more = f" and {len(world.spaces) - _NAMED} more" if len(world.spaces) > _NAMED else ""
        counted = (
            "the volume of 1 space"
            if len(world.spaces) == 1
            else f"the volumes of {len(world.spaces)} spaces"
        )
        lost.append(f"{counted} ({names}{more})")
    if wish.homes is Homes.DELETE and world.home is not None:
        copied = "" if wish.vault is None else f", after a copy to the vault {wish.vault}"
        lost.append(f"everybody's home on {world.home.file_system_id}{copied}")
    return lost


def plan(world: World, wish: Wish) -> list[Action]:
    """Everything that a drain would do, in its order, as far as can be seen now."""
    homes = _fate(world, wish)
    actions = [Action(Verb.STOP_APP, app) for app in world.live_apps]
    if _wants_copy(world, wish):
        actions.append(Action(Verb.COPY_HOME, world.home))
    actions += [Action(Verb.DELETE_SPACE, space) for space in world.spaces]
    actions += [Action(Verb.DELETE_PROFILE, profile) for profile in world.profiles]
    if world.domain is not None:
        if lifecycle_configs(world.domain.settings):
            actions.append(Action(Verb.DETACH, world.domain))
        actions.append(Action(Verb.DELETE_DOMAIN, world.domain, homes=homes))
    if world.home is not None:
        actions += [Action(Verb.DELETE_TARGET, target) for target in world.home.targets]
        if homes is Homes.DELETE:
            actions.append(Action(Verb.DELETE_HOME, world.home))
    actions += [Action(Verb.REVOKE, group) for group in world.groups if group.rules]
    actions += [Action(Verb.DELETE_GROUP, group) for group in world.groups]
    return actions


def is_copied(world: World, now: dt.datetime) -> bool:
    """Whether a copy holds what was last written to the homes."""
    newest = _newest(world)
    return any(
        copy.final
        and copy.status == _COMPLETED
        and copy.started > now - FRESH
        and (newest is None or copy.started >= newest + SETTLED)
        for copy in world.copies
    )


def lifecycle_configs(settings: Any) -> list[str]:
    """ARNs of the lifecycle configurations that stand anywhere in `settings`."""
    found: list[str] = []
    if isinstance(settings, Mapping):
        for name, value in settings.items():
            if name in ("LifecycleConfigArn", "BuiltInLifecycleConfigArn"):
                found += [value] if value not in (None, "", NONE) else []
            elif name == "LifecycleConfigArns":
                found += value or []
            else:
                found += lifecycle_configs(value)
    return found


def without_lifecycle_configs(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The part of `settings` that names lifecycle configurations, naming none: what an update takes."""
    changed: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping) and lifecycle_configs(value):
            changed[name] = _detached(value)
    return changed


def _detached(settings: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in settings.items():
        if name in ("LifecycleConfigArn", "BuiltInLifecycleConfigArn"):
            kept[name] = NONE
        elif name == "LifecycleConfigArns":
            kept[name] = []
        else:
            kept[name] = _detached(value) if isinstance(value, Mapping) else value
    return kept


def _people(world: World, wish: Wish, now: dt.datetime) -> Iterator[Action | str]:
    """Apps, the last copy, spaces and profiles: whatever has nothing in its way."""
    for app in world.live_apps:
        yield f"{app} is being deleted" if app.status == DELETING else Action(Verb.STOP_APP, app)
    for app in world.apps:
        if app.status == FAILED and world.domain is not None:
            yield Action(Verb.STOP_APP, app)
    if _wants_copy(world, wish) and not is_copied(world, now):
        if not world.live_apps:
            yield from _copy(world, now)
        return
    busy_spaces = {app.space for app in world.live_apps}
    for space in world.spaces:
        if space.name not in busy_spaces:
            yield (
                f"{space} is being deleted" if space.status == DELETING else Action(Verb.DELETE_SPACE, space)
            )
    busy_people = {app.profile for app in world.live_apps} | {space.owner for space in world.spaces}
    for person in world.profiles:
        if person.name not in busy_people:
            gone = person.status == DELETING
            yield f"{person} is being deleted" if gone else Action(Verb.DELETE_PROFILE, person)


def _wants_copy(world: World, wish: Wish) -> bool:
    """Whether there is something to copy before it goes. What is going already cannot be copied any more."""
    there = world.home is not None and world.home.status not in _GOING
    return there and wish.homes is Homes.DELETE and wish.vault is not None


def _copy(world: World, now: dt.datetime) -> Iterator[Action | str]:
    newest = _newest(world)
    if any(copy.status in _COPYING for copy in world.copies):
        yield f"{world.home} is being copied"
        return
    if newest is not None and now < newest + SETTLED:
        yield f"AWS may not show yet what was started after {newest:%H:%M:%S} UTC"
        return
    # The same until a job ends or a day is over, so a request that is repeated makes no second copy.
    token = f"studio-drain-{world.domain_id}-{now:%Y%m%d}-{len(world.copies)}"
    yield Action(Verb.COPY_HOME, world.home, token=token)


def _newest(world: World) -> dt.datetime | None:
    """When the last app was started, gone ones included: they are shown for a day."""
    return max((app.created for app in world.apps), default=None)


def _domain(world: World, wish: Wish, tried: Collection[str]) -> Iterator[Action | str]:
    """The domain, when nobody is in it any more."""
    domain = world.domain
    if domain is None or world.spaces or world.profiles or world.live_apps:
        return
    detach = Action(Verb.DETACH, domain)
    if domain.status in _UNDER_WAY:
        yield f"{domain} is {_UNDER_WAY[domain.status]}"
    elif lifecycle_configs(domain.settings) and str(detach) not in tried:
        yield detach
    else:
        yield Action(Verb.DELETE_DOMAIN, domain, homes=_fate(world, wish))


def _remains(world: World, wish: Wish) -> Iterator[Action | str]:
    """What SageMaker leaves in the network, when the domain is gone."""
    if world.home is not None and world.home.targets:
        for target in world.home.targets:
            going = target.status in _GOING
            yield f"{target} is being deleted" if going else Action(Verb.DELETE_TARGET, target)
        # Their network interfaces hold the security groups.
        return
    if world.home is not None and wish.homes is Homes.DELETE:
        going = world.home.status in _GOING
        yield f"{world.home} is being deleted" if going else Action(Verb.DELETE_HOME, world.home)
    bound = [group for group in world.groups if group.rules]
    if bound:
        yield from (Action(Verb.REVOKE, group) for group in bound)
    else:
        yield from (Action(Verb.DELETE_GROUP, group) for group in world.groups)


def _fate(world: World, wish: Wish) -> Homes:
    """What happens to the homes: nothing, if none are seen. Then SageMaker must not look for them, either."""
    return wish.homes if world.home is not None else Homes.RETAIN
