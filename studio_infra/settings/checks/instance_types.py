"""Instance types: known ones, and those that a team allows its people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.facts.instance_types import Purpose, known
from studio_infra.settings.findings import Path, Problem, did_you_mean, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from studio_infra.settings.checks.draft import Checks, Draft
    from studio_infra.settings.roster.person import Person
    from studio_infra.settings.sections.endpoints.endpoint import EndpointSettings
    from studio_infra.settings.sections.teams import TeamSettings
    from studio_infra.settings.sections.workloads import TrainingSettings

    Place = tuple[Path, str | None]


def instance_type_checks(draft: Draft) -> Checks:
    """Types that nobody knows, or that a team does not allow."""
    for name, team in draft.teams.items():
        yield _default_outside_allow_list(draft, name, team)
    yield _unknown(draft, "apps", _of_domain(draft))
    for name, team in draft.teams.items():
        yield _unknown(draft, "apps", _of_team(name, team))
    for name, job in draft.training.items():
        yield _unknown(draft, "training", _of_training(name, job))
    for name, endpoint in draft.endpoints.items():
        yield _unknown(draft, "endpoints", _of_endpoint(name, endpoint))
        yield _unknown(draft, "endpoints", _of_shadow(name, endpoint))
        yield _unknown(draft, "endpoints", _of_variants(name, endpoint))
    for row, one in enumerate(draft.roster):
        if one.person is not None and one.person.instance_type is not None:
            yield _outside_the_team(draft, row, one.person)


def _default_outside_allow_list(draft: Draft, name: str, team: TeamSettings) -> Iterator[Problem]:
    default = draft.domain.default_instance_type
    if team.default_instance_type is None and default not in team.instance_types:
        yield Problem(
            ("teams", name, "instance_types"),
            f"the domain's default_instance_type {show(default)} is not among them",
            "add it, or give the team a default_instance_type of its own",
        )


def _outside_the_team(draft: Draft, row: int, person: Person) -> Iterator[Problem]:
    team = draft.teams.get(person.team)
    if team is not None and person.instance_type not in team.instance_types:
        types = ", ".join(team.instance_types)
        allowed = f"use one of {types}, or add it to teams.{person.team}.instance_types"
        path = ("roster", row, "instance_type")
        yield Problem(path, "not among the team's", allowed, person.instance_type)


def _unknown(draft: Draft, purpose: Purpose, places: Iterable[Place]) -> Iterator[Problem]:
    new, types = draft.aws.new_instance_types, known(purpose)
    for path, value in places:
        if value is not None and value not in new and value not in types:
            allowed = f"correct it, or add it to aws.new_instance_types{did_you_mean(value, types)}"
            yield Problem(path, f"no instance type for {purpose} that this release knows", allowed, value)


def _of_domain(draft: Draft) -> Iterator[Place]:
    yield ("domain", "default_instance_type"), draft.domain.default_instance_type


def _of_team(name: str, team: TeamSettings) -> Iterator[Place]:
    for place, value in enumerate(team.instance_types):
        yield ("teams", name, "instance_types", place), value


def _of_training(name: str, job: TrainingSettings) -> Iterator[Place]:
    yield ("training", name, "instance_type"), job.instance_type


def _of_endpoint(name: str, endpoint: EndpointSettings) -> Iterator[Place]:
    yield ("endpoints", name, "instance_type"), endpoint.instance_type


def _of_shadow(name: str, endpoint: EndpointSettings) -> Iterator[Place]:
    if endpoint.shadow is not None:
        yield ("endpoints", name, "shadow", "instance_type"), endpoint.shadow.instance_type


def _of_variants(name: str, endpoint: EndpointSettings) -> Iterator[Place]:
    for variant, one in endpoint.variants.items():
        yield ("endpoints", name, "variants", variant, "instance_type"), one.instance_type
