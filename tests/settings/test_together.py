"""One section against another, and people against all of them: what is found, in whole sentences, and what passes."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.settings import Person, StudioSettings
from studio_infra.settings.sections.idle import OWN_LIMITS_MAX
from tests.settings.conftest import ROSTER, SETTINGS, Find
from tests.settings.test_mistakes import says

if TYPE_CHECKING:
    from studio_infra.settings import Finding

CASES = tomllib.loads(Path(__file__).with_name("together.toml").read_text("utf-8"))["cases"]


def changed(changes: list[tuple[str, str]], more: str = "") -> str:
    text = SETTINGS
    for before, after in changes:
        assert text.count(before) >= 1
        text = text.replace(before, after.strip("\n"), 1)
    return f"{text}{more}"


def said(finding: Finding) -> str:
    name = Path(finding.file).name
    place = f"{name}:{finding.line}: " if name == "users.csv" else ""
    return f"{place}{finding.field}: {finding.message}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_is_wrong_together_is_found_and_what_is_right_passes(case: dict[str, Any], find: Find) -> None:
    settings = changed(case.get("change", []), case.get("add", ""))
    found = [said(finding) for finding in find(settings, case.get("roster", ROSTER).lstrip("\n"))]
    assert len(found) == len(case["finds"]), found
    for expected, message in zip(case["finds"], found, strict=True):
        assert says(expected, message), message


PEOPLE = "user_name,team,full_name,email,idle_after_minutes"


def test_there_are_only_so_many_limits_for_people_of_their_own(find: Find) -> None:
    limits = [*range(60, 60 + OWN_LIMITS_MAX), 70]
    people = "\n".join(f"p-{place},vision,P,p@example.com,{minutes}" for place, minutes in enumerate(limits))
    roster = f"{PEOPLE}\nbad,vision,Bad,bad,\nana,vision,A,a@example.com,\n{people}\n"
    assert [finding.line for finding in find(SETTINGS, roster)] == [2]
    findings = find(SETTINGS, f"{roster}q,vision,Q,q@example.com,90\nr,vision,R,r@example.com,91\n")
    assert [said(finding) for finding in findings][1:] == [
        (
            f"users.csv:{len(limits) + 4}: idle_after_minutes: the roster has {OWN_LIMITS_MAX} other limits already, "
            f"and each is a script of its own (got 90), use one of {', '.join(map(str, limits[:-1]))}"
        )
    ]


def test_settings_that_are_made_in_python_say_places_of_the_roster_instead_of_lines() -> None:
    values = tomllib.loads(
        changed([('persona = "ml_engineer"', 'persona = "ml_engineer"\nshared_spaces = { Bela = {} }')])
    )
    people = [
        Person(user_name=name, team="platform", full_name="X", email=f"{name}@example.com")
        for name in ("ana", "bela")
    ]
    wrong = "is, or looks like, the private space of the person on place 2 of the roster"
    with pytest.raises(ValueError, match=f"{wrong}, give the space another name"):
        StudioSettings(**values, roster=tuple(people))
