"""How far a replacement goes: through what refers to it, what waits for it and names it, and no further."""

from __future__ import annotations

from typing import Any

import pytest

from studio_infra.review.replacement.changes import Change, Kind
from studio_infra.review.replacement.comparison import diff
from tests.review.replacement.test_replacement import RETAIN, VPC, edit, kinds, profile, space, users

ANA = profile(domain="d-1")
CUSTOM = {"Type": "Custom::Lookup", "Properties": {"Name": "a"}}
MODEL = {"Type": "AWS::SageMaker::Model", "Properties": {"ModelName": "churn", "ExecutionRoleArn": "one"}}


def after(old: dict[str, Any], **edits: Any) -> list[Change]:
    return diff({"s": old}, {"s": edit(old, **edits)})


def reasons(changes: list[Change]) -> dict[str, tuple[str, ...]]:
    return {change.logical_id: change.reasons for change in changes}


def test_doubt_goes_on_to_what_refers_to_what_is_in_doubt() -> None:
    old = users(
        Look=CUSTOM,
        Ana=profile(domain={"Fn::GetAtt": ["Look", "DomainId"]}),
        Lab=space({"Ref": "Ana"}, "d-1"),
    )
    assert reasons(after(old, Look__Name="b")) == {
        "Ana": ("DomainId refers to Look, which may be replaced",),
        "Lab": ("OwnershipSettings/OwnerUserProfileName refers to Ana, which may be replaced",),
    }


def test_stacks_that_refer_to_each_other_in_a_circle_are_compared_to_an_end() -> None:
    """Weak references allow what one template would not."""

    def stack(name: str, other: str, **more: Any) -> dict[str, Any]:
        weak = {"Fn::GetStackOutput": {"StackName": other, "OutputName": "Id"}}
        return {**users(It=profile(name, weak, **more)), "Outputs": {"Id": {"Value": {"Ref": "It"}}}}

    old = {"a": stack("ana", "b"), "b": stack("bob", "a")}
    found = diff(old, {**old, "a": edit(old["a"], It__SingleSignOnUserValue="ana@example.com")})
    assert [(one.stack, one.kind, one.reasons) for one in found] == [
        (
            "a",
            Kind.REPLACED,
            ("SingleSignOnUserValue changes (create-only)", "DomainId refers to It, which is replaced"),
        ),
        ("b", Kind.REPLACED, ("DomainId refers to It, which is replaced",)),
    ]


def test_a_part_that_another_resource_gives_may_hold_what_replaces() -> None:
    """`UserSettings` of a lookup: `AccessStatus` of RStudio inside it would replace the profile, the rest would not."""
    ana = {**ANA, "Properties": {**ANA["Properties"], "UserSettings": {"Fn::GetAtt": ["Look", "Settings"]}}}
    found = after(users(Look=MODEL, Ana=ana), Look__ExecutionRoleArn="two")
    assert kinds(found) == {"Look": Kind.REPLACED, "Ana": Kind.MAY_BE_REPLACED}
    assert reasons(found)["Ana"] == ("UserSettings refers to Look, which is replaced",)


def test_what_holds_no_data_carries_on_what_it_waits_for_and_names() -> None:
    pair = {"Type": "AWS::EC2::KeyPair", "DependsOn": "Ana", "Properties": {"KeyName": "ana"}}
    old = users(Ana=ANA, Pair=pair, Bob=profile("bob", {"Ref": "Pair"}))
    found = after(old, Ana__DomainId="d-2")
    assert kinds(found) == {"Ana": Kind.REPLACED, "Bob": Kind.MAY_BE_REPLACED}
    assert reasons(found)["Bob"] == ("DomainId refers to Pair, which may be replaced",)


@pytest.mark.parametrize("waits", ["Ana", ["Ana"], ["Other", "Ana"]])
def test_who_waits_for_one_may_write_it_with_or_without_a_list(waits: Any) -> None:
    found = after(users(Ana=ANA, Lab=space(domain="d-1", DependsOn=waits)), Ana__DomainId="d-2")
    assert kinds(found) == {"Ana": Kind.REPLACED, "Lab": Kind.MAY_BE_REPLACED}


def test_what_waits_for_something_that_has_no_name_is_left_alone() -> None:
    old = users(Vpc=VPC, Ana={**ANA, "DependsOn": "Vpc"})
    assert after(old, Vpc__CidrBlock="10.1.0.0/16") == []


def test_a_nested_stack_says_what_was_not_compared() -> None:
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://one"}}
    (found,) = after(users(It=nested), It__TemplateURL="https://two")
    assert found.reasons == ("its own template is not part of this comparison",)
    assert found.properties == ("TemplateURL",)


def test_what_loses_nothing_has_no_consequence() -> None:
    (found,) = after(users(Ana=ANA), Ana__UserSettings={"SecurityGroups": ["sg-1"]})
    assert (found.kind, found.consequence) == (Kind.IN_PLACE, "")
    (found,) = diff({"s": users(Ana={**ANA, **RETAIN})}, {"s": users(Ana=ANA)})
    assert (found.kind, found.consequence) == (Kind.UNPROTECTED, "")
