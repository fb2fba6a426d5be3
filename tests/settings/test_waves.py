"""A width of waves that cannot be kept is a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.roster.waves import rung_of
from tests.settings.conftest import SETTINGS

if TYPE_CHECKING:
    from tests.settings.conftest import Find

#: People whom one rung lets go.
CROWD = [name for number in range(600) if rung_of(name := f"p-{number}") == 5][:4]


def test_settings_say_so_before_cdk_does(find: Find) -> None:
    lines = [f"{name},vision,X,{name}@example.com" for name in CROWD]
    roster = "\n".join(["user_name,team,full_name,email", *lines])
    settings = SETTINGS.replace('roster = "users.csv"', 'roster = "users.csv"\nwave_width = 3').replace(
        "ana", CROWD[0]
    )
    (finding,) = find(settings, roster)
    assert finding.field == "people.wave_width"
    assert finding.message.startswith("4 people of a stack cannot be told apart")
    assert finding.message.endswith("(got 3), use at least 4")
    assert find(settings.replace("= 3", "= 4"), roster) == ()


def test_a_stack_with_too_many_people_says_that_alone(find: Find) -> None:
    lines = [f"p-{number},vision,X,p{number}@example.com" for number in range(2000)]
    settings = SETTINGS.replace("ana", "p-1")
    (finding,) = find(settings, "\n".join(["user_name,team,full_name,email", *lines]))
    assert "run 'studio-infra roster assign SETTINGS'" in finding.message
