"""What `studio-infra stop` does with the name of an endpoint."""

from __future__ import annotations

import getpass
from functools import partial
from typing import TYPE_CHECKING

from studio_infra.cli.endpoints.switch import Switch
from studio_infra.cli.running.targets import Stopped, Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio_infra.cli.running.place import Place


def endpoint(place: Place, name: str) -> Target | None:
    """An endpoint: of the account and region, because no domain owns it."""
    switch = Switch(place.sagemaker.meta.region_name)
    if not switch.knows(name):
        return None
    return Target(f"endpoint {name}", partial(_stop, switch, name))


def _stop(
    switch: Switch,
    name: str,
    wait: bool,  # noqa: FBT001 - the form that all targets have
    waiting: Callable[[int], None],
) -> list[Stopped]:
    owner, kind = switch.stop(name, why=f"stopped by {getpass.getuser()}")
    if wait:
        waiting(1)
        switch.wait_until_gone(name)
    return [
        Stopped(
            kind="endpoint",
            name=name,
            owner=owner,
            instance_type=kind,
            status="stopped" if wait else "stopping",
        )
    ]
