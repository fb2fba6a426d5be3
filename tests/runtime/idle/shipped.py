"""The program that ships in an idle script, loaded without being started."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from studio_infra.studio.idle.idle_program import idle_program


def shipped(keeper: str) -> SimpleNamespace:
    """The names of the program with `"guard"` or `"watcher"`, of the very lines that run in a space.

    It bears the name of the file that decides, by which `make mutants` finds what it has changed.
    """
    names: dict[str, Any] = {"__name__": "studio_infra.runtime.lifecycle.idle_decisions"}
    exec(compile(idle_program(keeper), f"idle_{keeper}", "exec"), names)  # noqa: S102 - this is what is tested
    return SimpleNamespace(**names)
