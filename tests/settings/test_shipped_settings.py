"""The settings that ship are what the README says they are."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from studio_infra.settings import load_settings

SETTINGS = Path(__file__).parents[2] / "settings"


@pytest.mark.parametrize("path", sorted(SETTINGS.glob("*.toml")), ids=lambda path: path.name)
def test_every_settings_file_is_right_and_names_its_schema(path: Path) -> None:
    load_settings(path)
    schema = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("#:schema ")
    assert (path.parent / schema).is_file()


def test_production_has_forty_people_in_four_teams_and_two_with_everything() -> None:
    settings = load_settings(SETTINGS / "production.toml")
    assert (settings.name, settings.aws.region, settings.domain.network) == (
        "research",
        "us-east-1",
        "VpcOnly",
    )
    assert sum(Counter(person.team for person in settings.roster).values()) == 40
    assert {person.team for person in settings.roster} == set(settings.teams)
    assert len(settings.teams) == 4
    complete = [
        person
        for person in settings.roster
        if None not in (person.sso_user_name, person.posix_uid, person.expires)
    ]
    assert len(complete) == 2
    assert set(settings.training) == set(settings.endpoints) == {"churn"}


def test_every_address_in_the_rosters_is_one_that_belongs_to_nobody() -> None:
    for path in ("production.toml", "sandbox.toml"):
        assert all(person.email.endswith("@example.com") for person in load_settings(SETTINGS / path).roster)


def test_the_sandbox_can_be_thrown_away() -> None:
    sandbox = load_settings(SETTINGS / "sandbox.toml")
    assert sandbox.domain.removal == "destroy"
    assert sandbox.domain.nat_gateways == 0
    assert len(sandbox.roster) == 2


def test_production_says_only_what_its_reader_needs_to_decide() -> None:
    # A key that repeats a default is fine where it shows a choice; a section nobody uses is not.
    document = tomllib.loads((SETTINGS / "production.toml").read_text(encoding="utf-8"))
    assert all(document.values())
