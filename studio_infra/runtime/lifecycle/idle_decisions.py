"""Decides when an app was last used, and what keeps it. Pure: no clock, no file, no server.

Ships in front of `idle.py`, in the same program. Spans are measured on the monotonic clock. The wall clock only
says how old a sign is, so it may jump.
"""

from __future__ import annotations

import calendar
import time
from typing import NamedTuple

#: Programs that wait for somebody: shells, pagers, editors, monitors. They hold a terminal without being at
#: work.
QUIET = {
    "bash",
    "sh",
    "dash",
    "zsh",
    "fish",
    "su",
    "sudo",
    "less",
    "more",
    "man",
    "vi",
    "vim",
    "nvim",
    "nano",
    "emacs",
}
QUIET |= {"top", "htop", "watch"}
#: Clocks that differ by less agree.
SKEW = 5


class Look(NamedTuple):
    """What was seen at a moment. A sign is name -> (wall time of its last activity, whether at work)."""

    at: float
    wall: float
    local: dict
    server: dict | None  # None: the server gave no answer
    kernels_live: bool = False
    held: bool = False


class State(NamedTuple):
    """What is known after a look. `seen` is name -> (time of last activity, at work since)."""

    at: float
    alive: float
    why: str
    working: bool
    seen: dict


def begin(at: float) -> State:
    """Know nothing yet; what was before is held against nobody."""
    return State(at, at, "start", working=False, seen={})


def judge(before: State, look: Look, busy_cap: float | None = None) -> State:
    """Tell when the last sign of life was, and what it was."""
    server = look.server
    if server is None:
        # Perhaps the work itself takes the whole machine: it goes on as long as a kernel process lives.
        server = {
            name: (stamp, since is not None and look.kernels_live)
            for name, (stamp, since) in before.seen.items()
            if name.startswith(("kernel", "terminal", "editor"))
        }
    alive, why, working, seen = before.alive, before.why, False, {}
    for name, (stamp, at_work) in {**server, **look.local}.items():
        known, since = before.seen.get(name, (None, None))
        if at_work:
            since = look.at if since is None else since
            if busy_cap is None or look.at - since < busy_cap:
                alive, why, working = look.at, name, True
        elif stamp != known or since is not None:
            # Changed since the last look: not older than that look, and not in the future.
            when = look.at - min(max(look.wall - stamp, 0), look.at - before.at)
            if when > alive:
                alive, why = when, name
            since = None
        seen[name] = (stamp, since)
    if look.held:
        alive, why, working = look.at, "hold file", True
    return State(look.at, alive, why, working, seen)


def limit_for(instance_type: str, limit: float, limits: dict) -> float:
    """Pick the limit: of the type, else of its family, else the general one."""
    return limits.get(instance_type, limits.get(instance_type.rpartition(".")[0], limit))


def is_held(wall: float, saved: float, text: str, cap: float) -> bool:
    """Tell whether a hold file holds: until the time it names, at most `cap` after it was saved."""
    until = parse(text)
    return saved <= wall + SKEW and wall < min(saved + cap, saved + cap if until is None else until)


def jobs(stats: list) -> list:
    """Name the programs at work in the foreground of a terminal, from texts of /proc/PID/stat."""
    groups, foregrounds = {}, []
    for stat in stats:
        pid, name = stat.split()[0], stat[stat.index("(") + 1 : stat.rindex(")")]
        group, session, tty, foreground = stat[stat.rindex(")") :].split()[3:7]
        groups.setdefault(group, []).append(name)
        # Session 1 is the container itself, which may have been given a terminal.
        if pid == session != "1" and tty != "0":
            foregrounds.append(foreground)
    return [f"job {groups[group][0]} {group}" for group in foregrounds if set(groups.get(group, ())) - QUIET]


def parse(text: str) -> float | None:
    """Seconds of a time such as 2026-11-23T14:05:00.250000Z; None if it is none."""
    text = text.strip().rstrip("Zz")
    try:
        return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) + float("0" + text[19:])
    except ValueError:
        return None


def written(seconds: float) -> str:
    """The time as AWS's detector reads it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1e6):06}Z"
