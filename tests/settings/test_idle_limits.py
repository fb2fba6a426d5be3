"""Idle limits of single people: what the roster may say, and what no engine could keep."""

from __future__ import annotations

import pytest

from studio_infra.settings.sections.idle import OWN_LIMITS_MAX
from tests.settings.conftest import SETTINGS, Find

HEADER = "user_name,team,full_name,email,idle_after_minutes"
ANA = "ana,vision,Ana Silva,ana@example.com,{}"


def with_idle(*lines: str) -> bytes:
    return SETTINGS.replace("after_minutes = 60", "\n".join(lines)).encode()


@pytest.mark.parametrize(
    ("idle", "cell", "says"),
    [
        (
            ["after_minutes = 60"],
            "59",
            'engine "native_with_guard" can keep (got 59), use 60 to 525600 minutes',
        ),
        (["after_minutes = 60"], "4", "too small (got 4), use at least 5"),
        (["after_minutes = 60"], "525601", "use at most 525600"),
        (["after_minutes = 60"], "1h", 'not a whole number (got "1h"), use the digits'),
        (
            ["after_minutes = 120"],
            "90",
            "shorter than the domain's limit, which a guard can only make longer (got 90)",
        ),
        (["after_minutes = 60", 'engine = "native"'], "90", 'engine "native" has one limit for all (got 90)'),
        (
            ["after_minutes = 60", "allowed_range_minutes = [60, 80]"],
            "90",
            "outside allowed_range_minutes (got 90), use 60 to 80",
        ),
    ],
)
def test_a_limit_that_the_engine_cannot_keep_is_one_line_with_its_place(
    idle: list[str], cell: str, says: str, find: Find
) -> None:
    (finding,) = find(with_idle(*idle), f"{HEADER}\n{ANA.format(cell)}\n".encode())
    assert (finding.file.endswith("users.csv"), finding.line, finding.field) == (
        True,
        2,
        "idle_after_minutes",
    )
    assert says in finding.message


@pytest.mark.parametrize(
    ("idle", "cell"),
    [
        (["after_minutes = 60"], "480"),
        (["after_minutes = 60"], ""),
        (["after_minutes = 90", 'engine = "native"'], "90"),
        (["after_minutes = 60", "allowed_range_minutes = [60, 80]"], "80"),
        (["after_minutes = 30", 'engine = "watcher"'], "5"),
    ],
)
def test_a_limit_that_can_be_kept_is_taken(idle: list[str], cell: str, find: Find) -> None:
    assert find(with_idle(*idle), f"{HEADER}\n{ANA.format(cell)}\n".encode()) == ()


def test_there_may_be_many_people_with_limits_but_not_many_different_limits(find: Find) -> None:
    row = "{0}-person,vision,Ana Silva,{0}@example.com,{1}"
    names = [f"{first}{second}" for first in "bcdfghjkmp" for second in "abcdefghij"]
    many = [row.format(name, 60 + n % OWN_LIMITS_MAX) for n, name in enumerate(names)]
    ana = ANA.format("")
    assert find(SETTINGS.encode(), "\n".join([HEADER, ana, *many]).encode()) == ()
    (finding,) = find(SETTINGS.encode(), "\n".join([HEADER, ana, *many, row.format("zz", 500)]).encode())
    assert finding.line == len(many) + 3
    assert (
        f"has {OWN_LIMITS_MAX} other limits already, and each is a script of its own (got 500)"
        in finding.message
    )
