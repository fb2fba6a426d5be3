"""People of a stack, made in waves: a ladder that no person's resources know more of than their own rung."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from studio_infra.settings.roster.waves import rung_of, waves
from studio_infra.studio.people.person import logical_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio_infra.studio.domain.apps import Json

#: Costs nothing, asks nothing of AWS, and waits for what it depends on.
_RUNG: Final = "AWS::CloudFormation::WaitConditionHandle"


def in_waves(people: Mapping[str, Mapping[str, Json]], *, width: int) -> dict[str, Json]:
    """Everybody's resources with a ladder, by logical id: at most `width` people are made at a time.

    A person's profile waits for their rung. The first rung of a wave waits for the last resource of everybody of the
    wave before, and the others of the wave wait for the first. To wait for something that is there takes no time, so
    who is added or changed alone waits for nobody.

    Args:
        people: Everybody's resources by user name, as `person_resources` makes them.
        width: How many people at a time.

    Raises:
        ValueError: More people than that wait for one rung; its argument is how many.

    """
    resources: dict[str, Json] = {}
    on_rung: dict[int, list[str]] = {}
    for name in sorted(people):
        own, base = dict(people[name]), logical_id(name)
        rung = rung_of(name)
        own[f"{base}Profile"] = {**own[f"{base}Profile"], "DependsOn": [_rung_id(rung)]}
        # A space comes after its profile. What else a person has is not SageMaker's, and nobody waits for it.
        on_rung.setdefault(rung, []).append(f"{base}Space" if f"{base}Space" in own else f"{base}Profile")
        resources |= own
    before: list[str] = []
    for wave in waves(people, width):
        first, *others = map(_rung_id, wave)
        resources[first] = {"Type": _RUNG, **({"DependsOn": sorted(before)} if before else {})}
        resources |= {other: {"Type": _RUNG, "DependsOn": [first]} for other in others}
        before = [last for rung in wave for last in on_rung[rung]]
    return resources


def _rung_id(rung: int) -> str:
    return f"Wave{rung:02}"
