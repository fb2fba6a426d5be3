"""Who is who: what left one place of the templates and came back in another."""

from __future__ import annotations

from typing import Any

import pytest

from studio_infra.review.replacement.changes import Kind
from studio_infra.review.replacement.comparison import diff
from tests.review.replacement.test_replacement import VPC, kinds, profile, space, users

HOMES = {"Type": "AWS::KMS::Key", "Properties": {"Description": "homes", "EnableKeyRotation": True}}
MODELS = {"Type": "AWS::KMS::Key", "Properties": {"Description": "models", "EnableKeyRotation": True}}


def moved(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Kind]:
    """The kinds, when the one resources are in the stack `a` and the others in the stack `b`."""
    return kinds(diff({"a": users(**before), "b": users()}, {"a": users(), "b": users(**after)}))


def relabelled(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Kind]:
    """The kinds, when both are in one stack."""
    return kinds(diff({"s": users(**before)}, {"s": users(**after)}))


def turned(node: Any) -> Any:
    """The same, with everything in another order that has none."""
    return {key: turned(node[key]) for key in reversed(node)} if isinstance(node, dict) else node


def test_what_holds_no_data_is_nobody_to_be_looked_for() -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "news"}}
    assert moved({"News": topic}, {"News": topic}) == {}
    assert relabelled({"News": topic}, {"Other": topic}) == {}


def test_two_without_a_name_are_not_the_same_because_neither_has_one() -> None:
    assert relabelled({"One": HOMES}, {"Two": MODELS}) == {"One": Kind.DELETED, "Two": Kind.CREATED}


def test_what_has_no_name_is_known_in_another_stack_by_its_logical_id() -> None:
    assert moved({"Key": HOMES}, {"Key": MODELS}) == {"Key": Kind.MOVED}


def test_another_name_under_the_same_logical_id_in_another_stack_is_somebody_else() -> None:
    found = diff(
        {"a": users(It=profile("ana", "d-1")), "b": users()},
        {"a": users(), "b": users(It=profile("bob", "d-1"))},
    )
    assert [(one.stack, one.name, one.kind) for one in found] == [
        ("a", "ana", Kind.DELETED),
        ("b", "bob", Kind.CREATED),
    ]


def test_what_says_nothing_of_itself_is_like_nobody() -> None:
    bare = {"Type": "AWS::KMS::Key"}
    assert relabelled({"One": bare}, {"Two": bare}) == {"One": Kind.DELETED, "Two": Kind.CREATED}


@pytest.mark.parametrize(
    "name", ["ana", {"Fn::Transform": {"Name": "Named", "Parameters": {"Who": "ana"}}}, None]
)
def test_the_order_in_which_things_are_written_makes_nobody_else(name: Any) -> None:
    ana = profile(name, "d-1")
    assert moved({"Ana": ana}, {"Anna": turned(ana)}) == {"Ana": Kind.MOVED}


def test_one_name_in_two_domains_is_told_apart_by_everything_else() -> None:
    old = {"One": space("ana", "d-1"), "Two": space("ana", "d-2")}
    new = {"First": space("ana", "d-1"), "Second": space("ana", "d-2")}
    found = diff({"s": users(**old)}, {"s": users(**new)})
    assert [(one.logical_id, one.kind, one.reasons) for one in found] == [
        ("One", Kind.RENAMED, ("its logical id is First now",)),
        ("Two", Kind.RENAMED, ("its logical id is Second now",)),
    ]


def test_a_name_that_hangs_on_a_neighbour_is_the_same_where_the_neighbour_moves_along() -> None:
    named = {"Fn::Sub": "of-${Vpc}"}
    before, after = profile(named, "d-1"), profile(named, "d-2")
    assert moved({"Vpc": VPC, "Ana": before}, {"Vpc": VPC, "Anna": after}) == {"Ana": Kind.MOVED}


def test_properties_that_hang_on_a_neighbour_are_the_same_where_the_neighbour_moves_along() -> None:
    files = {"Type": "AWS::EFS::FileSystem", "Properties": {"KmsKeyId": {"Fn::GetAtt": ["Key", "Arn"]}}}
    assert moved({"Key": HOMES, "Files": files}, {"Key": HOMES, "Homes": files}) == {
        "Key": Kind.MOVED,
        "Files": Kind.MOVED,
    }


def test_a_name_that_hangs_on_another_stack_hangs_on_that_one() -> None:
    def of(stack: str) -> dict[str, Any]:
        return profile({"Fn::GetStackOutput": {"StackName": stack, "OutputName": "Id"}}, "d-1")

    network = {**users(Vpc=VPC), "Outputs": {"Id": {"Value": {"Ref": "Vpc"}}}}
    both = {"north": network, "south": network}
    found = diff({**both, "s": users(One=of("north"))}, {**both, "s": users(Two=of("south"))})
    assert kinds(found) == {"One": Kind.DELETED, "Two": Kind.CREATED}
