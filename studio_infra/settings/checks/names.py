"""Names across sections: teams that exist, owners that are people, names that stay apart in templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.facts.limits import is_team_name
from studio_infra.settings.fields.construct_id import construct_id
from studio_infra.settings.findings import Path, Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from studio_infra.settings.checks.draft import Checks, Draft
    from studio_infra.settings.sections.endpoints.endpoint import EndpointSettings
    from studio_infra.settings.sections.files import FilesSettings
    from studio_infra.settings.sections.tracking import TrackingSettings
    from studio_infra.settings.sections.workloads import TrainingSettings

    Place = tuple[Path, str | None]


def name_checks(draft: Draft) -> Checks:
    """Names that lead nowhere, or to the same place."""
    for name, job in draft.training.items():
        yield _unknown_teams(draft, _team_of(("training", name), job))
    for name, endpoint in draft.endpoints.items():
        yield _unknown_teams(draft, _team_of(("endpoints", name), endpoint))
    for name, one in draft.tracking.items():
        yield _unknown_teams(draft, _team_of(("tracking", name), one))
    for name, files in draft.files.items():
        yield _unknown_teams(draft, _teams_of(("files", name), files))
    yield _unknown_teams(draft, _teams_of_people(draft))
    yield _unknown_teams(draft, _teams_of_an_export(draft))
    yield _names_that_become_the_same(draft)
    if not draft.roster_goes_on:
        people = {row.cells["user_name"] for row in draft.roster if "user_name" in row.cells}
        for name, endpoint in draft.endpoints.items():
            yield _owner_not_in_the_roster(("endpoints", name), endpoint, people)
        for name, one in draft.tracking.items():
            yield _owner_not_in_the_roster(("tracking", name), one, people)


def _unknown_teams(draft: Draft, places: Iterable[Place]) -> Iterator[Problem]:
    teams = draft.teams
    for path, team in places:
        if teams and team is not None and is_team_name(team) and team not in teams:
            allowed = f"use one of {', '.join(teams)}{did_you_mean(team, teams)}"
            yield Problem(path, "no such team", allowed, team)


def _team_of(path: Path, one: TrainingSettings | EndpointSettings | TrackingSettings) -> Iterator[Place]:
    yield (*path, "team"), one.team


def _teams_of(path: Path, files: FilesSettings) -> Iterator[Place]:
    for place, team in enumerate(files.teams or ()):
        yield (*path, "teams", place), team


def _teams_of_people(draft: Draft) -> Iterator[Place]:
    for row, one in enumerate(draft.roster):
        yield ("roster", row, "team"), one.cells.get("team")


def _teams_of_an_export(draft: Draft) -> Iterator[Place]:
    """Where an export's groups lead."""
    path, provider = ("people", "identity_provider"), draft.people.identity_provider
    yield (*path, "default_team"), provider.default_team
    for group, team in provider.teams.items():
        yield (*path, "teams", group), team


def _names_that_become_the_same(draft: Draft) -> Iterator[Problem]:
    for section, names in (
        ("teams", draft.teams),
        ("files", draft.files),
        ("images", draft.images),
        ("training", draft.training),
        ("endpoints", draft.endpoints),
        ("tracking", draft.tracking),
    ):
        first: dict[str, str] = {}
        for name in names:
            other = first.setdefault(construct_id(name), name)
            if other != name:
                text = f'becomes {construct_id(name)} in templates, as "{other}" does'
                allowed = "give one of them a name that differs in more than hyphens"
                yield Problem((section, name), text, allowed)


def _owner_not_in_the_roster(
    path: Path, one: EndpointSettings | TrackingSettings, people: Collection[str]
) -> Iterator[Problem]:
    if one.owner is not None and one.owner not in people:
        allowed = f"use the user_name of a person in it{did_you_mean(one.owner, people)}"
        yield Problem((*path, "owner"), "not in the roster", allowed, one.owner)
