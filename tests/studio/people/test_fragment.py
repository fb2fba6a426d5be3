from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from studio_infra.studio.people.fragment import Fragment

#: An intrinsic function in a typed property.
NEEDS_PARSING = {"Fn::Sub": "${AWS::StackName}-x"}


def test_plain_text_never_asks_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking is what made a roster of thousands slow: once for each text of each person."""
    asked: list[Any] = []
    monkeypatch.setattr(cdk.Token, "is_unresolved", asked.append)
    plain: dict[str, Any] = {
        "Type": "AWS::SNS::Topic",
        "Properties": {"TopicName": "${AWS::StackName}-a", "Tags": [{"Key": "{"}]},
    }
    fragment = Fragment()
    fragment.add("Topic", plain)
    parsed = {**plain, "Properties": {**plain["Properties"], "DisplayName": NEEDS_PARSING}}
    fragment.add("Parsed", parsed)
    assert fragment._template()["Resources"]["Parsed"] == parsed
    assert asked == []


def test_what_needs_no_parsing_crosses_whole_and_comes_out_as_it_was() -> None:
    """The template is read as YAML on the other side, so what need not be in it is beside it."""
    stack, fragment = cdk.Stack(cdk.App(), "S"), Fragment()
    cdk.CfnParameter(stack, "X")
    properties = {"TopicName": cdk.Token.as_string({"Ref": "X"}) + "-a", "Tags": [{"Key": "a", "Value": "b"}]}
    fragment.add("Topic", {"Type": "AWS::SNS::Topic", "Properties": properties, "DeletionPolicy": "Retain"})
    assert fragment._template()["Resources"]["Topic"]["Properties"] == {"Ref": "PropertiesTopic"}
    fragment.include_in(stack, "Topics")
    made = Template.from_stack(stack).to_json()["Resources"]["Topic"]
    named = {"Fn::Join": ["", [{"Ref": "X"}, "-a"]]}
    assert made["Properties"] == {"TopicName": named, "Tags": [{"Key": "a", "Value": "b"}]}
    assert made["DeletionPolicy"] == "Retain"


@pytest.mark.parametrize("around", ["{}", "a-{}", "{}-b"])
def test_every_token_becomes_a_parameter(around: str) -> None:
    fragment = Fragment()
    tokens = (cdk.Token.as_string({"Ref": "X"}), cdk.Aws.REGION, cdk.Fn.get_att("X", "Arn").to_string())
    for number, token in enumerate(tokens):
        properties = {"TopicName": around.format(token), "DisplayName": NEEDS_PARSING}
        topic = {"Type": "AWS::SNS::Topic", "Properties": properties}
        fragment.add(f"Topic{number}", topic)
    template = fragment._template()
    assert sorted(template["Parameters"]) == ["Value1", "Value2", "Value3"]
    names = [one["Properties"]["TopicName"] for one in template["Resources"].values()]
    assert names == [{"Ref": name} for name in ("Value1", "Value2", "Value3")]


def roles(*policies: list[Any]) -> tuple[Fragment, cdk.Stack]:
    """A role for each list of policies, all with one trust policy."""
    stack, fragment = cdk.Stack(cdk.App(), "S"), Fragment()
    for number, arns in enumerate(policies):
        trust = {"Statement": [{"Effect": "Allow", "Resource": {"Fn::Sub": "arn:${AWS::Partition}:x"}}]}
        properties = {
            "AssumeRolePolicyDocument": trust,
            "ManagedPolicyArns": arns,
            "RoleName": NEEDS_PARSING,
        }
        fragment.add(f"Role{number}", {"Type": "AWS::IAM::Role", "Properties": properties})
    return fragment, stack


ARNS = [f"arn:aws:iam::123456789012:policy/{name}-of-a-team" for name in ("one", "two")]


@pytest.mark.parametrize(("people", "parameters"), [(7, 0), (8, 2), (100, 2)])
def test_what_many_have_crosses_once_and_comes_out_as_it_was(people: int, parameters: int) -> None:
    fragment, stack = roles(*[ARNS] * people)
    assert len(fragment._template()["Parameters"]) == parameters
    fragment.include_in(stack, "Roles")
    made = Template.from_stack(stack).find_resources("AWS::IAM::Role")
    assert len(made) == people
    for role in made.values():
        assert role["Properties"] == {
            "AssumeRolePolicyDocument": {
                "Statement": [{"Effect": "Allow", "Resource": {"Fn::Sub": "arn:${AWS::Partition}:x"}}]
            },
            "ManagedPolicyArns": ARNS,
            "RoleName": NEEDS_PARSING,
        }


def test_tokens_inside_what_many_have_are_resolved() -> None:
    token = cdk.Token.as_string({"Ref": "Policy"})
    fragment, stack = roles(*[[*ARNS, token]] * 9)
    cdk.CfnParameter(stack, "Policy")
    fragment.include_in(stack, "Roles")
    for role in Template.from_stack(stack).find_resources("AWS::IAM::Role").values():
        assert role["Properties"]["ManagedPolicyArns"] == [*ARNS, {"Ref": "Policy"}]


def test_typed_properties_with_intrinsic_functions_are_parsed_each() -> None:
    fragment, _ = roles(*[[*ARNS, {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AWSDenyAll"}]] * 9)
    template = fragment._template()
    assert len(template["Parameters"]) == 1
    assert template["Resources"]["Role8"]["Properties"]["ManagedPolicyArns"][:2] == ARNS
