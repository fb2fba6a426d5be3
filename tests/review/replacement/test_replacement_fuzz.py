"""Random templates and random edits: the guard never crashes, never sees a change in noise, never calls a loss safe."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from studio_infra.errors import InvalidInput
from studio_infra.review.replacement.changes import Change, Kind, Level
from studio_infra.review.replacement.comparison import diff
from studio_infra.review.replacement.guard import guard
from studio_infra.review.replacement.stateful import stateful_types

GOLDEN = Path(__file__).parents[2] / "golden/production"
PRODUCTION = {
    file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(GOLDEN.glob("*.json"))
}
PLACES = [
    (stack, logical_id)
    for stack, template in PRODUCTION.items()
    for logical_id, resource in template["Resources"].items()
    if resource["Type"] in stateful_types()
]
IDENTITY = {
    "AWS::SageMaker::Domain": "DomainName",
    "AWS::SageMaker::UserProfile": "UserProfileName",
    "AWS::SageMaker::Space": "SpaceName",
    "AWS::SageMaker::StudioLifecycleConfig": "StudioLifecycleConfigName",
}

names = st.sampled_from(["A", "B", "Ana", "Domain", "Fn::If", "Ref", "Condition", "Fn::Sub", "Fn::GetAtt"])
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8), names
)
functions = st.sampled_from(
    [
        "Ref",
        "Condition",
        "Fn::If",
        "Fn::Sub",
        "Fn::GetAtt",
        "Fn::FindInMap",
        "Fn::GetStackOutput",
        "Fn::ImportValue",
    ]
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(names | st.text(max_size=5), inner, max_size=3),
        st.dictionaries(functions, inner, min_size=1, max_size=1),
        st.fixed_dictionaries(
            {"Fn::GetStackOutput": st.fixed_dictionaries({"StackName": names, "OutputName": names})}
        ),
    ),
    max_leaves=8,
)
resources = st.fixed_dictionaries(
    {"Type": st.sampled_from([*sorted(stateful_types()), "AWS::IAM::Role", "Custom::X"])},
    optional={
        "Properties": st.dictionaries(
            st.sampled_from([*IDENTITY.values(), "DomainId", "Tags", "X"]), values, max_size=4
        ),
        "DependsOn": values,
        "Condition": names,
        "DeletionPolicy": st.sampled_from(["Retain", "Delete"]) | values,
        "UpdateReplacePolicy": st.sampled_from(["Retain", "Delete"]),
    },
)
templates = st.fixed_dictionaries(
    {"Resources": st.dictionaries(names, resources, max_size=4)},
    optional={
        "Outputs": st.dictionaries(names, st.fixed_dictionaries({"Value": values}), max_size=2),
        "Parameters": st.dictionaries(names, values, max_size=2),
        "Mappings": st.dictionaries(names, values, max_size=2),
        "Conditions": st.dictionaries(names, values, max_size=2),
    },
)
apps = st.dictionaries(names, templates, max_size=3)


def shuffled(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: shuffled(node[key]) for key in reversed(node)}
    return [shuffled(one) for one in node] if isinstance(node, list) else node


def compared(old: Any, new: Any) -> list[Change]:
    """The changes; none when a template is refused, which it must be in words."""
    try:
        return diff(old, new)
    except InvalidInput as error:
        refused = error
    assert refused.code == "Template"
    assert "\n" not in str(refused)
    return []


@settings(max_examples=300, deadline=None)
@given(apps, apps)
def test_any_two_apps_can_be_compared_or_are_refused_in_words(old: Any, new: Any) -> None:
    try:
        changes = diff(old, new)
    except InvalidInput:
        reject()  # a condition that is its own condition: the next test but one
    for change in changes:
        assert "\n" not in str(change).replace(change.logical_id, "")
    gone = {
        (stack, name)
        for stack, template in old.items()
        for name, one in template["Resources"].items()
        if one["Type"] in stateful_types() and name not in new.get(stack, {"Resources": {}})["Resources"]
    }
    blocked = {(change.stack, change.logical_id) for change in changes if change.level is Level.BLOCKED}
    assert gone <= blocked


@settings(max_examples=100, deadline=None)
@given(apps)
def test_an_app_and_itself_with_its_keys_in_another_order_are_the_same(app: Any) -> None:
    assert compared(app, app) == []
    assert compared(app, shuffled(app)) == []


@settings(max_examples=200, deadline=None)
@given(st.one_of(values, templates), values)
def test_what_is_no_template_is_refused_in_words(old: Any, new: Any) -> None:
    for template in (old, new, {"Resources": old}, {"Resources": {"A": new}}):
        compared({"s": template}, {})


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PLACES), st.sampled_from(["rename", "drop", "move", "retag", "relabel"]))
def test_an_edit_of_production_blocks_exactly_what_it_touches(place: tuple[str, str], edit: str) -> None:
    stack, logical_id = place
    new = copy.deepcopy(PRODUCTION)
    resource = new[stack]["Resources"][logical_id]
    identity = IDENTITY.get(resource["Type"])
    if edit == "rename" and identity is not None:
        resource["Properties"][identity] += "-2"
    elif edit == "retag" and resource["Type"] == "AWS::SageMaker::Space":
        resource["Properties"]["SpaceSettings"] = {"AppType": "CodeEditor"}
    elif edit == "relabel":
        resource["Metadata"] = {"why": "a note"}
    else:
        moved = new[stack]["Resources"].pop(logical_id)
        if edit == "move":
            new["research-elsewhere"] = {"Resources": {logical_id: moved}}
    changes = {(change.stack, change.logical_id): change for change in diff(PRODUCTION, new)}
    touched = changes.get(place)
    blocked = {place for place, change in changes.items() if change.level is Level.BLOCKED}
    if edit == "relabel":
        assert changes == {}
    elif edit == "retag" and resource["Type"] == "AWS::SageMaker::Space":
        assert (touched is not None and touched.kind, blocked) == (Kind.IN_PLACE, set())
    else:
        assert place in blocked
        if resource["Type"] in {"AWS::SageMaker::UserProfile", "AWS::SageMaker::Space"}:
            assert blocked == {place}


def profiles_and_spaces(stack: str) -> set[str]:
    """What of a stack of the shipped settings has somebody's files in it."""
    resources = PRODUCTION[stack]["Resources"]
    kinds = {"AWS::SageMaker::UserProfile", "AWS::SageMaker::Space"}
    return {logical_id for logical_id, one in resources.items() if one["Type"] in kinds}


def test_a_new_domain_name_in_production_is_the_end_of_everybodys_home() -> None:
    new = copy.deepcopy(PRODUCTION)
    new["research-studio"]["Resources"]["Domain66AC69E0"]["Properties"]["DomainName"] = "other"
    lost = profiles_and_spaces("research-users-1") | profiles_and_spaces("research-studio")
    verdict = guard(PRODUCTION, new)
    # Forty people, and the space that a team shares, with the profile that owns it.
    assert len(lost) == 80 + 2
    assert {change.logical_id for change in verdict.blocked} == {"Domain66AC69E0", *lost}
    lines = verdict.lines(Level.BLOCKED)
    assert any("37 more of SageMaker::UserProfile replaced" in line for line in lines)
    assert len(lines) < 12


def test_a_team_move_and_a_new_script_leave_every_home_alone() -> None:
    new = copy.deepcopy(PRODUCTION)
    ana = new["research-users-1"]["Resources"]["Ana24D4B96FProfile"]["Properties"]
    ana["UserSettings"]["StudioWebPortalSettings"] = {"HiddenInstanceTypes": ["ml.t3.large"]}
    ana["UserSettings"]["JupyterLabAppSettings"] = {"LifecycleConfigArns": ["arn:aws:sagemaker:x"]}
    assert [(change.logical_id, change.kind) for change in diff(PRODUCTION, new)] == [
        ("Ana24D4B96FProfile", Kind.IN_PLACE)
    ]


@pytest.mark.parametrize("people", [2_000])
def test_a_company_is_compared_in_seconds(people: int) -> None:
    ana = PRODUCTION["research-users-1"]["Resources"]["Ana24D4B96FProfile"]
    everybody = {
        f"P{number}": {**ana, "Properties": {**ana["Properties"], "UserProfileName": f"p-{number}"}}
        for number in range(people)
    }
    old = {"research-studio": PRODUCTION["research-studio"], "u": {"Resources": everybody}}
    new = copy.deepcopy(old)
    new["research-studio"]["Resources"]["Domain66AC69E0"]["Properties"]["AuthMode"] = "SSO"
    assert len(guard(old, new).blocked) == people + len(profiles_and_spaces("research-studio")) + 1
