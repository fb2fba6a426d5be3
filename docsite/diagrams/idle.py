"""The life of an app: what the watch in it, and what stops it, make of what can be seen. Found by asking them."""

from __future__ import annotations

import time
from collections import defaultdict
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from docsite.diagrams.drawing import beside, column, svg
from studio_infra.studio.idle.idle_program import idle_program

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT: Final = 3600.0
WORK, QUIET, OVER, STOPPED = "at work", "quiet", "quiet for the limit", "stopped"
_KERNEL: Final = "kernel a"
#: What can be seen at a look, a minute after the last one.
SEEN: Final[dict[str, dict[str, Any]]] = {
    "a kernel or a job runs": {"server": {_KERNEL: (0.0, True)}},
    "a sign of life": {"server": {_KERNEL: (1e9, False)}},
    "a hold file": {"server": {_KERNEL: (0.0, False)}, "held": True},
    "nothing": {"server": {_KERNEL: (0.0, False)}},
    "no answer, the kernel lives": {"server": None, "kernels_live": True},
    "no answer": {"server": None},
}


def _program() -> Any:
    """The names of the program that ships, which is loaded without being started."""
    names: dict[str, Any] = {"__name__": "idle"}
    exec(compile(idle_program("watcher"), "idle_watcher", "exec"), names)  # noqa: S102 - asked what it decides
    return SimpleNamespace(**names)


def named(state: Any) -> str:
    """What people call what is known after a look."""
    if state.working:
        return WORK
    return QUIET if state.at - state.alive < LIMIT else OVER


def transitions() -> dict[str, dict[str, list[str]]]:
    """State -> next state -> what was seen in between."""
    idle = _program()
    now = time.monotonic() // 1  # whole: a fraction is rounded, and just over the limit becomes just under it
    quiet_for: Callable[[float], Any] = lambda spell: idle.State(  # noqa: E731 - three of a kind, at a glance
        now, now - spell, "kernel a", working=False, seen={_KERNEL: (0.0, None)}
    )
    states = {
        WORK: idle.State(now, now, _KERNEL, working=True, seen={_KERNEL: (0.0, now - 600)}),
        QUIET: quiet_for(600),
        OVER: quiet_for(LIMIT),
    }
    found: dict[str, dict[str, list[str]]] = {name: defaultdict(list) for name in states}
    for name, before in states.items():
        for words, seen in SEEN.items():
            look = idle.Look(**{"at": now + 60, "wall": 1e9 + 60, "local": {}, **seen})
            found[name][named(idle.judge(before, look))].append(words)
    later = idle.Look(at=now - 600 + LIMIT, wall=1e9, local={}, server=SEEN["nothing"]["server"])
    found[QUIET][named(idle.judge(states[QUIET], later))].append("nothing, until the limit")
    for words in ("nothing", "a kernel or a job runs"):
        if _stops(idle, states[OVER], SEEN[words]):
            found[OVER][STOPPED].append(f"{words} at a second look")
    return {name: dict(nexts) for name, nexts in found.items()}


def _stops(idle: Any, state: Any, seen: dict[str, Any]) -> bool:
    """Whether the watcher stops the app, when a second look sees this."""
    stopped: list[Any] = []
    settings = {"limit": LIMIT, "limits": {}, "interval": 0, "busy_cap": None}
    look = partial(idle.Look, **{"at": state.at, "wall": 1e9, "local": {}, **seen})
    watch = idle.Watcher(SimpleNamespace(settings=settings, look=look))
    watch.stop = stopped.append
    watch.act(state)
    return bool(stopped)


def life() -> str:
    """A box for each state with what leads where, and arrows."""
    found = transitions()
    boxes = {
        name: [f"{words} → {target}" for target, seen in nexts.items() for words in seen if target != name]
        for name, nexts in found.items()
    }
    idle = _program()
    boxes[STOPPED] = ["files are kept", f"a new start → {named(idle.begin(0.0))}"]
    parts, places, top = column(boxes)
    pairs = [(name, target) for name, nexts in found.items() for target in nexts if target != name]
    for number, (name, target) in enumerate(pairs):
        start, end = (sum(places[one]) // 2 for one in (name, target))
        shift = 6 * (number % 3 - 1)
        parts.append(beside(start + shift, end + shift, number))
    return svg("The states of an app, and what leads from one to the next", top, parts)
