"""Instance types: known ones, and those that a team allows its people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.checks.draft import get
from studio_infra.settings.facts.instance_types import Purpose, known
from studio_infra.settings.fields.base import Section
from studio_infra.settings.findings import Path, Problem, did_you_mean, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.checks.draft import Draft


def instance_type_contradictions(draft: Draft) -> Iterator[Problem]:
    """Types that nobody knows, or that a team does not allow."""
    yield from _defaults_outside_allow_lists(draft)
    yield from _unknown_instance_types(draft)
    yield from _types_outside_the_team(draft)


def _defaults_outside_allow_lists(draft: Draft) -> Iterator[Problem]:
    default = get(draft.domain, "default_instance_type", str)
    for name, team in draft.teams.items():
        types = get(team, "instance_types", tuple)
        if (
            "default_instance_type" in team.model_fields_set
            or default is None
            or types is None
            or default in types
        ):
            continue
        yield Problem(
            ("teams", name, "instance_types"),
            f"the domain's default_instance_type {show(default)} is not among them",
            "add it, or give the team a default_instance_type of its own",
        )


def _types_outside_the_team(draft: Draft) -> Iterator[Problem]:
    for row, one in enumerate(draft.roster):
        if one.person is None or one.person.instance_type is None:
            continue
        own, types = one.person.instance_type, get(draft.teams.get(one.person.team), "instance_types", tuple)
        if types is not None and own not in types:
            allowed = f"use one of {', '.join(types)}, or add it to teams.{one.person.team}.instance_types"
            yield Problem(("roster", row, "instance_type"), "not among the team's", allowed, own)


def _unknown_instance_types(draft: Draft) -> Iterator[Problem]:
    new = get(draft.aws, "new_instance_types", tuple) or ()
    for path, purpose, value in _instance_types(draft):
        if value is not None and value not in new and value not in known(purpose):
            allowed = f"correct it, or add it to aws.new_instance_types{did_you_mean(value, known(purpose))}"
            yield Problem(path, f"no instance type for {purpose} that this release knows", allowed, value)


def _instance_types(draft: Draft) -> Iterator[tuple[Path, Purpose, str | None]]:
    """Every instance type with its place and purpose."""
    yield ("domain", "default_instance_type"), "apps", get(draft.domain, "default_instance_type", str)
    for name, team in draft.teams.items():
        for place, value in enumerate(get(team, "instance_types", tuple) or ()):
            yield ("teams", name, "instance_types", place), "apps", value
    for name, job in draft.training.items():
        yield ("training", name, "instance_type"), "training", get(job, "instance_type", str)
    for name, endpoint in draft.endpoints.items():
        yield ("endpoints", name, "instance_type"), "endpoints", get(endpoint, "instance_type", str)
        shadow = get(endpoint, "shadow", Section)
        yield ("endpoints", name, "shadow", "instance_type"), "endpoints", get(shadow, "instance_type", str)
        for variant, one in (get(endpoint, "variants", dict) or {}).items():
            path = ("endpoints", name, "variants", variant, "instance_type")
            yield path, "endpoints", get(one, "instance_type", str)
