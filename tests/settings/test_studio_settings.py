"""Settings as values: in Python as from a file, frozen, and with one set of checks."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from studio_infra.errors import InvalidInput
from studio_infra.settings import IdleSettings, InvalidSettings, Person, StudioSettings, load_settings
from studio_infra.settings.fields.base import Section
from studio_infra.settings.fields.descriptions import descriptions
from studio_infra.settings.findings import Problem, field_name, show
from tests.settings.conftest import BELA, HEADER, SETTINGS, Write

ANA = Person(user_name="ana", team="vision", full_name="Ana", email="ana@example.com")


def in_python(**changes: Any) -> StudioSettings:
    values: dict[str, Any] = {
        "name": "research",
        "domain": {"auth_mode": "IAM", "network": "VpcOnly"},
        "teams": {"vision": {"persona": "analyst", "instance_types": ["ml.t3.medium"]}},
        "people": {"roster": "users.csv"},
        "roster": (ANA,),
    }
    return StudioSettings(**{**values, **changes})


def test_settings_made_in_python_are_checked_like_a_file() -> None:
    assert in_python().idle_shutdown.after_minutes == 60
    with pytest.raises(ValidationError, match="no such team"):
        in_python(roster=(ANA.model_copy(update={"team": "nobody"}),))
    with pytest.raises(ValidationError, match="already the name of the person on place 1"):
        in_python(roster=(ANA, ANA))


def test_settings_are_frozen() -> None:
    settings = in_python()
    with pytest.raises(ValidationError, match="frozen"):
        settings.name = "other"
    with pytest.raises(ValidationError, match="frozen"):
        settings.domain.network = "PublicInternetOnly"


def test_a_team_falls_back_on_the_domain(write: Write) -> None:
    own = 'default_instance_type = "ml.g5.xlarge"\nidle_after_minutes = 90\n'
    text = SETTINGS.replace("after_minutes = 60", "after_minutes = 60\nallowed_range_minutes = [60, 90]")
    settings = load_settings(write(text.replace("[teams.platform]", f"{own}\n[teams.platform]")))
    assert settings.default_instance_type("vision") == "ml.g5.xlarge"
    assert settings.idle_after_minutes("vision") == 90
    assert settings.default_instance_type("platform") == "ml.t3.medium"
    assert settings.idle_after_minutes("platform") == 60


def test_spot_training_waits_twice_its_running_time_unless_told_otherwise(write: Write) -> None:
    assert load_settings(write()).training["churn"].effective_max_wait_minutes == 120
    told = SETTINGS.replace("[endpoints", "max_wait_minutes = 70\n[endpoints")
    assert load_settings(write(told)).training["churn"].effective_max_wait_minutes == 70
    no_spot = SETTINGS.replace("[endpoints", "spot = false\n[endpoints")
    assert load_settings(write(no_spot)).training["churn"].effective_max_wait_minutes is None


def test_the_watcher_may_stop_apps_sooner() -> None:
    assert IdleSettings(engine="watcher", after_minutes=5, by_instance_type={"ml.g5": 10}).after_minutes == 5
    with pytest.raises(ValidationError, match='engine "native" can keep'):
        IdleSettings(engine="native", after_minutes=59)


def test_a_new_instance_type_can_be_declared(write: Write) -> None:
    settings = SETTINGS.replace('"ml.g5.xlarge"', '"ml.x99.large"')
    with pytest.raises(InvalidSettings, match="no instance type for apps that this release knows"):
        load_settings(write(settings))
    declared = settings.replace("[domain]", 'new_instance_types = ["ml.x99.large"]\n\n[domain]')
    assert "ml.x99.large" in load_settings(write(declared)).teams["vision"].instance_types


def test_the_exception_is_our_own_and_carries_every_finding(write: Write) -> None:
    with pytest.raises(InvalidInput) as caught:
        load_settings(write(SETTINGS.replace("60", "1"), f"{HEADER}\n{BELA.replace('bela@', '@')}\n"))
    assert isinstance(caught.value, InvalidSettings)
    assert len(caught.value.findings) == 3
    assert caught.value.path.endswith("settings.toml:14")
    assert "(and 2 more)" in str(caught.value)


def sections(model: type[BaseModel]) -> list[type[BaseModel]]:
    found = [model]
    for section in model.__subclasses__():
        found += sections(section)
    return found


def test_every_field_of_every_section_says_what_it_is_for() -> None:
    for section in sections(Section)[1:]:
        assert set(descriptions(section)) == set(section.model_fields), section
        assert all(text.endswith(".") for text in descriptions(section).values()), section


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a", '"a"'),
        ("a\n\x1b[31m", '"a\\u{a}\\u{1b}[31m"'),
        ("x" * 61, f'"{"x" * 60}… and 1 more characters"'),
        (True, "true"),
        (10**60, "a number of more than 60 digits"),
        ([1, 2], "a list of 2"),
        ({"a": 1}, "a table"),
        (1.5, "1.5"),
    ],
)
def test_a_value_is_shown_on_one_short_line(value: object, shown: str) -> None:
    assert show(value) == shown


def test_a_field_is_named_as_toml_writes_it() -> None:
    assert field_name(("teams", "a-b", "instance_types", 1)) == "teams.a-b.instance_types[1]"
    assert field_name(("tags", "cost center")) == 'tags."cost center"'
    assert Problem(("x",), "wrong", "do this").text == "wrong, do this"
