"""`[teams.NAME.shared_spaces]` of the settings: whoever comes and goes, a team's spaces stay where they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio_infra.settings import Person, load_settings
from studio_infra.settings.sections.shared_spaces import SharedSpaceSettings
from studio_infra.stacks import add_stacks

PRODUCTION = load_settings(Path(__file__).parents[2] / "settings" / "production.toml")
WEAK = {"@aws-cdk/core:defaultCrossStackReferences": "weak"}
OWN = ("AWS::SageMaker::Space", "AWS::SageMaker::UserProfile")


def templates(**changes: Any) -> dict[str, dict[str, Any]]:
    made = PRODUCTION.model_validate(dict(PRODUCTION) | {"endpoints": {}, "training": {}} | changes)
    app = cdk.App(context=WEAK)
    stacks = add_stacks(app, made)
    assembly = app.synth()
    return {stack.stack_name: assembly.get_stack_by_name(stack.stack_name).template for stack in stacks.all}


def shared(found: dict[str, dict[str, Any]]) -> str:
    """Owners and spaces of teams, byte for byte."""
    resources = found["research-studio"]["Resources"]
    own = {key: resource for key, resource in resources.items() if resource["Type"] in OWN}
    return json.dumps(own)


def test_spaces_are_in_the_stack_of_the_domain_and_the_teams_policies_name_them() -> None:
    found = templates(roster=PRODUCTION.roster[:3])
    resources = json.loads(shared(found)).values()
    names = [one["Properties"].get("SpaceName") or one["Properties"]["UserProfileName"] for one in resources]
    assert sorted(names) == ["team-vision", "vision-lab"]
    policies = [
        (resource["Properties"]["Description"], json.dumps(resource))
        for resource in found["research-studio"]["Resources"].values()
        if resource["Type"] == "AWS::IAM::ManagedPolicy"
    ]
    assert {name.split(",")[0] for name, text in policies if "/vision-lab" in text} == {"Team vision"}
    assert {name.split(",")[0] for name, text in policies if "/team-vision" in text} == {"Team vision"}


PEOPLE = st.lists(
    st.builds(
        Person,
        user_name=st.sampled_from([f"p-{number}" for number in range(9)]),
        team=st.sampled_from(sorted(PRODUCTION.teams)),
        full_name=st.just("P"),
        email=st.just("p@example.com"),
        stack=st.integers(1, 2),
        status=st.sampled_from(["active", "suspended"]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda person: person.user_name,
)
BEFORE = shared(templates(roster=PRODUCTION.roster[:1]))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(people=PEOPLE)
def test_no_edit_of_the_roster_touches_them(people: list[Person]) -> None:
    assert shared(templates(roster=tuple(people))) == BEFORE


def test_another_space_of_the_team_does_not_touch_the_first() -> None:
    vision = PRODUCTION.teams["vision"]
    more = vision.model_copy(
        update={"shared_spaces": {"demo": SharedSpaceSettings(), **vision.shared_spaces}}
    )
    found = templates(roster=PRODUCTION.roster[:1], teams={**PRODUCTION.teams, "vision": more})
    after, before = json.loads(shared(found)), json.loads(BEFORE)
    assert {key: after[key] for key in before} == before
    assert len(after) == len(before) + 1
