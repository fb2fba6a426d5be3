"""Names across sections: teams that exist, owners that are people, names that stay apart in templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.checks.draft import get
from studio_infra.settings.facts.limits import is_team_name
from studio_infra.settings.fields.construct_id import construct_id
from studio_infra.settings.findings import Path, Problem, did_you_mean
from studio_infra.settings.sections.identity_provider import IdentityProvider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.checks.draft import Draft


def name_contradictions(draft: Draft) -> Iterator[Problem]:
    """Names that lead nowhere, or to the same place."""
    yield from _unknown_teams(draft)
    yield from _names_that_become_the_same(draft)
    yield from _owners_not_in_the_roster(draft)


def _unknown_teams(draft: Draft) -> Iterator[Problem]:
    places: list[tuple[Path, str | None]] = [
        *((("training", name, "team"), get(job, "team", str)) for name, job in draft.training.items()),
        *((("endpoints", name, "team"), get(end, "team", str)) for name, end in draft.endpoints.items()),
        *((("tracking", name, "team"), get(one, "team", str)) for name, one in draft.tracking.items()),
        *(
            (("files", name, "teams", place), team)
            for name, one in draft.files.items()
            for place, team in enumerate(get(one, "teams", tuple) or ())
        ),
        *((("roster", row, "team"), person.cells.get("team")) for row, person in enumerate(draft.roster)),
        *_teams_of_an_export(get(draft.people, "identity_provider", IdentityProvider)),
    ]
    known_teams = ", ".join(draft.teams)
    for path, team in places:
        if draft.teams and team is not None and is_team_name(team) and team not in draft.teams:
            yield Problem(
                path, "no such team", f"use one of {known_teams}{did_you_mean(team, draft.teams)}", team
            )


def _teams_of_an_export(provider: IdentityProvider | None) -> Iterator[tuple[Path, str | None]]:
    """Where an export's groups lead."""
    if provider is not None:
        yield ("people", "identity_provider", "default_team"), provider.default_team
        for group, team in provider.teams.items():
            yield ("people", "identity_provider", "teams", group), team


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
                yield Problem(
                    (section, name), text, "give one of them a name that differs in more than hyphens"
                )


def _owners_not_in_the_roster(draft: Draft) -> Iterator[Problem]:
    if draft.roster_goes_on:
        return
    names = {row.cells.get("user_name", "") for row in draft.roster}
    for section, workloads in (("endpoints", draft.endpoints), ("tracking", draft.tracking)):
        for name, one in workloads.items():
            owner = get(one, "owner", str)
            if owner is not None and owner not in names:
                allowed = f"use the user_name of a person in it{did_you_mean(owner, names)}"
                yield Problem((section, name, "owner"), "not in the roster", allowed, owner)
