"""In which order a domain is emptied: the drain's own decisions about a domain with one of everything in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from docsite.diagrams.drawing import GAP, LINE, box, down, svg
from studio_infra.runtime.functions.domain_drain.core import SETTLED, Verb, next_step
from studio_infra.runtime.functions.domain_drain.world import (
    App,
    Copy,
    Domain,
    Group,
    Home,
    Homes,
    MountTarget,
    Profile,
    Space,
    Wish,
    World,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_NOW: Final = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
_STARTED: Final = _NOW - 2 * SETTLED
_SETTINGS: Final = {"JupyterLabAppSettings": {"LifecycleConfigArns": ["arn"]}}
WORLD: Final = World(
    "d-1",
    domain=Domain("d-1", "research", "InService", home_id="fs-1", settings=_SETTINGS),
    apps=(
        App("JupyterLab", "default", "InService", _STARTED, space="lab"),
        App("JupyterServer", "default", "InService", _STARTED, profile="ana"),
    ),
    spaces=(Space("lab", "InService", owner="ana"),),
    profiles=(Profile("ana", "InService"),),
    home=Home("fs-1", "arn", "available", (MountTarget("fsmt-1", "available"),)),
    groups=(Group("sg-1", "inbound", ingress=({},)), Group("sg-2", "outbound", egress=({},))),
)
WISH: Final = Wish(homes=Homes.DELETE, vault="homes", role_arn="arn")
#: What people call it, whatever its name.
WORDS: Final = {
    Verb.STOP_APP: "stop apps",
    Verb.COPY_HOME: "copy the homes, if they shall go",
    Verb.DELETE_SPACE: "delete spaces, with their volumes",
    Verb.DELETE_PROFILE: "delete profiles",
    Verb.DETACH: "detach lifecycle configurations",
    Verb.DELETE_DOMAIN: "delete the domain",
    Verb.DELETE_TARGET: "delete mount targets",
    Verb.DELETE_HOME: "delete the homes, if they shall go",
    Verb.REVOKE: "revoke rules between security groups",
    Verb.DELETE_GROUP: "delete security groups",
}


#: What is not there any more, or otherwise, when everything of a step has ended as it should.
_AFTER: Final[dict[Verb, Callable[[World], World]]] = {
    Verb.STOP_APP: lambda world: replace(world, apps=()),
    Verb.COPY_HOME: lambda world: replace(world, copies=(Copy(_NOW, "COMPLETED", final=True),)),
    Verb.DELETE_SPACE: lambda world: replace(world, spaces=()),
    Verb.DELETE_PROFILE: lambda world: replace(world, profiles=()),
    Verb.DETACH: lambda world: replace(world, domain=world.domain and replace(world.domain, settings={})),
    Verb.DELETE_DOMAIN: lambda world: replace(world, domain=None),
    Verb.DELETE_TARGET: lambda world: replace(world, home=world.home and replace(world.home, targets=())),
    Verb.DELETE_HOME: lambda world: replace(world, home=None),
    Verb.REVOKE: lambda world: replace(
        world, groups=tuple(replace(one, ingress=(), egress=()) for one in world.groups)
    ),
    Verb.DELETE_GROUP: lambda world: replace(world, groups=()),
}


def order(world: World = WORLD, wish: Wish = WISH) -> list[list[Verb]]:
    """What is done, step by step, each when everything of the one before has ended."""
    steps = []
    while actions := next_step(world, wish, now=_NOW).actions:
        steps.append(list(dict.fromkeys(action.verb for action in actions)))
        for verb in steps[-1]:
            world = _AFTER[verb](world)
    return steps


def drain() -> str:
    """The steps below each other."""
    parts, top = [], 4
    steps = order()
    for number, verbs in enumerate(steps, start=1):
        lines = [WORDS[verb] for verb in verbs]
        height = LINE * len(lines) + 12
        parts.append(
            box(
                (4, top),
                (392, height),
                [f"{number}.  {lines[0]}", *(f"     {one}" for one in lines[1:])],
                head=False,
            )
        )
        top += height
        if number < len(steps):
            parts.append(down(200, top, top + GAP - 10))
            top += GAP - 10
    return svg(f"The order in which a domain is emptied, in {len(steps)} steps", top + 4, parts)
