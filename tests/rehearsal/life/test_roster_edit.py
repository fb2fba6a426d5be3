from __future__ import annotations

import csv
from pathlib import Path

import pytest

from studio_infra.rehearsal.life.roster_edit import RosterEdit
from studio_infra.settings import load_settings

SETTINGS = Path(__file__).parents[3] / "settings"


def rows(file: Path) -> dict[str, dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return {row["user_name"]: row for row in csv.DictReader(lines)}


@pytest.mark.parametrize("name", ["production.toml", "sandbox.toml"])
def test_an_edited_roster_is_a_good_roster(name: str, tmp_path: Path) -> None:
    file = SETTINGS / name
    settings = load_settings(file)
    edited = load_settings(RosterEdit.of(settings).write(file, settings, tmp_path))
    assert {person.user_name for person in edited.roster} != {person.user_name for person in settings.roster}


def test_one_joins_one_leaves_one_moves_and_nobody_else_changes(tmp_path: Path) -> None:
    file = SETTINGS / "production.toml"
    settings = load_settings(file)
    edit = RosterEdit.of(settings)
    edit.write(file, settings, tmp_path)
    before, after = rows(SETTINGS / "users.csv"), rows(tmp_path / "users.csv")
    assert set(after) - set(before) == {edit.joiner}
    assert set(before) - set(after) == {edit.leaver}
    assert {name for name in before if name in after and before[name] != after[name]} == {edit.mover}
    assert after[str(edit.mover)]["team"] == edit.mover_team != before[str(edit.mover)]["team"]


def test_the_joiner_comes_first_because_a_place_in_the_file_means_nothing(tmp_path: Path) -> None:
    file = SETTINGS / "production.toml"
    settings = load_settings(file)
    edit = RosterEdit.of(settings)
    edit.write(file, settings, tmp_path)
    assert next(iter(rows(tmp_path / "users.csv"))) == edit.joiner


def test_nobody_who_owns_an_endpoint_leaves() -> None:
    settings = load_settings(SETTINGS / "production.toml")
    owners = {endpoint.owner for endpoint in settings.endpoints.values()}
    everybody_else = [person for person in settings.roster if person.user_name not in owners]
    only_owners = settings.model_copy(
        update={"roster": tuple(person for person in settings.roster if person not in everybody_else)}
    )
    assert RosterEdit.of(settings).leaver not in owners
    assert RosterEdit.of(only_owners).leaver is None


def test_with_one_team_nobody_moves() -> None:
    settings = load_settings(SETTINGS / "production.toml")
    one_team = settings.model_copy(update={"teams": dict(list(settings.teams.items())[:1])})
    assert RosterEdit.of(one_team).mover is None


def test_the_original_files_stay_as_they_were(tmp_path: Path) -> None:
    file = SETTINGS / "sandbox.toml"
    settings = load_settings(file)
    before = (SETTINGS / settings.people.roster).read_bytes()
    RosterEdit.of(settings).write(file, settings, tmp_path)
    assert (SETTINGS / settings.people.roster).read_bytes() == before
