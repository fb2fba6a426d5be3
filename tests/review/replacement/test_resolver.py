"""Values of templates with everything written into them that they hang on; whatever is none stays what it is."""

from __future__ import annotations

from typing import Any

import pytest

from studio_infra.errors import InvalidInput
from studio_infra.review.replacement import resolver
from studio_infra.review.replacement.resolver import Address, Reference, Resolver, is_opaque

TEMPLATES: dict[str, Any] = {
    "s": {
        "Resources": {"Vpc": {"Type": "AWS::EC2::VPC"}},
        "Parameters": {
            "Size": {"Type": "Number", "Default": 5, "Description": "x"},
            "Bare": {"Type": "String"},
            "Odd": 1,
        },
        "Mappings": {"Map": {"eu": {"id": 7, "list": ["a", True]}}},
        "Conditions": {"On": {"Fn::Equals": [{"Ref": "Size"}, 5]}},
        "Outputs": {
            "VpcId": {"Value": {"Ref": "Vpc"}, "Export": {"Name": "vpc-id"}},
            "Nothing": {"Export": {"Name": "nothing"}},
            "Odd": 1,
            "Plain": {"Value": 3, "Export": "odd"},
            "Unnamed": {"Value": 4, "Export": {}},
            "Named": {"Value": 5, "Export": {"Name": {"Fn::Sub": "of-${Vpc}"}}},
            "Self": {"Value": {"Fn::GetStackOutput": {"StackName": "s", "OutputName": "Self"}}},
        },
    },
    "other": {},
}
VPC = Reference(Address("s", "Vpc"), "Ref")
SIZE = {"Ref": "Size", "Default": "5", "Type": "Number"}


def value(node: Any, stack: str = "s") -> Any:
    return Resolver(TEMPLATES).value(stack, node)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (True, "true"),
        (False, "false"),
        (5, "5"),
        (1.5, "1.5"),
        ("text", "text"),
        ([1, None, {"Ref": "AWS::NoValue"}, "b"], ["1", "b"]),
        ({"a": 1, "b": None, "c": {"Ref": "AWS::NoValue"}}, {"a": "1"}),
        ({"a": 1, "Ref": "Vpc"}, {"a": "1", "Ref": "Vpc"}),
        ({}, {}),
        # Ref
        ({"Ref": "Vpc"}, VPC),
        ({"Ref": "Size"}, SIZE),
        ({"Ref": "Bare"}, {"Ref": "Bare", "Default": None, "Type": "String"}),
        ({"Ref": "Odd"}, {"Ref": "Odd"}),
        ({"Ref": "AWS::Region"}, {"Ref": "AWS::Region"}),
        ({"Ref": ["a", 1]}, {"Ref": ["a", "1"]}),
        ({"Ref": {"Ref": "Vpc"}}, {"Ref": VPC}),
        # Fn::GetAtt
        ({"Fn::GetAtt": ["Vpc", "CidrBlock"]}, Reference(Address("s", "Vpc"), "CidrBlock")),
        ({"Fn::GetAtt": "Vpc.Outputs.Id"}, Reference(Address("s", "Vpc"), "Outputs.Id")),
        ({"Fn::GetAtt": ["Vpc", "Outputs", "Id"]}, Reference(Address("s", "Vpc"), "Outputs.Id")),
        (
            {"Fn::GetAtt": ["Vpc", {"b": 1, "Ref": "Size"}]},
            Reference(Address("s", "Vpc"), '{"Ref": "Size", "b": 1}'),
        ),
        ({"Fn::GetAtt": "Vpc"}, {"Fn::GetAtt": "Vpc"}),
        ({"Fn::GetAtt": ["Vpc"]}, {"Fn::GetAtt": ["Vpc"]}),
        ({"Fn::GetAtt": [1, "Id"]}, {"Fn::GetAtt": ["1", "Id"]}),
        ({"Fn::GetAtt": 1}, {"Fn::GetAtt": "1"}),
        ({"Fn::GetAtt": [{"Ref": "Size"}, "Id"]}, {"Fn::GetAtt": [SIZE, "Id"]}),
        # Fn::Sub
        ({"Fn::Sub": "plain"}, "plain"),
        (
            {"Fn::Sub": "a-${Vpc}-${Size}"},
            {"Fn::Sub": "a-${Vpc}-${Size}", "Values": {"Vpc": VPC, "Size": SIZE}},
        ),
        (
            {"Fn::Sub": "${Vpc.Id}"},
            {"Fn::Sub": "${Vpc.Id}", "Values": {"Vpc.Id": Reference(Address("s", "Vpc"), "Id")}},
        ),
        (
            {"Fn::Sub": ["${Mine} ${Vpc}", {"Mine": 1, "Unused": {"Ref": "Size"}}]},
            {"Fn::Sub": "${Mine} ${Vpc}", "Values": {"Mine": "1", "Vpc": VPC}},
        ),
        (
            {"Fn::Sub": ["${Mine}", {"Mine": {"Ref": "Size"}}]},
            {"Fn::Sub": "${Mine}", "Values": {"Mine": SIZE}},
        ),
        ({"Fn::Sub": {"Ref": "Vpc"}}, {"Fn::Sub": VPC}),
        ({"Fn::Sub": [1, {}]}, {"Fn::Sub": ["1", {}]}),
        ({"Fn::Sub": ["a", 1]}, {"Fn::Sub": ["a", "1"]}),
        ({"Fn::Sub": ["a", {}, 1]}, {"Fn::Sub": ["a", {}, "1"]}),
        ({"Fn::Sub": 1}, {"Fn::Sub": "1"}),
        # Fn::FindInMap
        ({"Fn::FindInMap": ["Map", "eu", "id"]}, "7"),
        ({"Fn::FindInMap": ["Map", "eu", "list"]}, ["a", "true"]),
        (
            {"Fn::FindInMap": ["Map", {"Ref": "Size"}, "id"]},
            {"Fn::FindInMap": [["Map", SIZE, "id"], {"eu": {"id": "7", "list": ["a", "true"]}}]},
        ),
        (
            {"Fn::FindInMap": ["Map", "eu", "no"]},
            {"Fn::FindInMap": [["Map", "eu", "no"], {"id": "7", "list": ["a", "true"]}]},
        ),
        ({"Fn::FindInMap": ["Map", "eu", "id", {"DefaultValue": 1}]}, "7"),
        ({"Fn::FindInMap": ["Map", "eu", "id", "deeper"][:4]}, "7"),
        (
            {"Fn::FindInMap": "Map"},
            {"Fn::FindInMap": ["Map", {"Map": {"eu": {"id": "7", "list": ["a", "true"]}}}]},
        ),
        (
            {"Fn::FindInMap": {"Ref": "Size"}},
            {"Fn::FindInMap": [SIZE, {"Map": {"eu": {"id": "7", "list": ["a", "true"]}}}]},
        ),
        # Fn::If
        (
            {"Fn::If": ["On", 1, {"Ref": "AWS::NoValue"}]},
            {"Fn::If": [{"Condition": {"Fn::Equals": [SIZE, "5"]}}, "1", None]},
        ),
        ({"Fn::If": ["Off", 1, None]}, {"Fn::If": [{"Condition": "Off"}, "1", None]}),
        ({"Fn::If": []}, {"Fn::If": []}),
        ({"Fn::If": ["Off", {"Ref": "Vpc"}, 1]}, {"Fn::If": [{"Condition": "Off"}, VPC, "1"]}),
        ({"Fn::If": 1}, {"Fn::If": "1"}),
        ({"Fn::If": {"Ref": "Vpc"}}, {"Fn::If": VPC}),
        ({"Condition": "On"}, {"Condition": {"Fn::Equals": [SIZE, "5"]}}),
        ({"Condition": 1}, {"Condition": "1"}),
        # From other stacks
        ({"Fn::ImportValue": "vpc-id"}, VPC),
        ({"Fn::ImportValue": {"Fn::Sub": "vpc-id"}}, VPC),
        ({"Fn::ImportValue": "unknown"}, {"Fn::ImportValue": "unknown"}),
        ({"Fn::ImportValue": "nothing"}, {"Fn::ImportValue": "nothing"}),
        ({"Fn::ImportValue": {"Ref": "Size"}}, {"Fn::ImportValue": SIZE}),
        ({"Fn::ImportValue": {"Ref": "Vpc"}}, {"Fn::ImportValue": VPC}),
        ({"Fn::ImportValue": {"Fn::Sub": "of-${Vpc}"}}, "5"),
        ({"Fn::GetStackOutput": {"StackName": "s", "OutputName": "VpcId"}}, VPC),
        ({"Fn::GetStackOutput": {"StackName": "s", "OutputName": "Plain"}}, "3"),
        (
            {"Fn::GetStackOutput": {"StackName": "s", "OutputName": "Odd"}},
            {"Fn::GetStackOutput": {"StackName": "s", "OutputName": "Odd"}},
        ),
        (
            {"Fn::GetStackOutput": {"StackName": "gone", "OutputName": "VpcId"}},
            {"Fn::GetStackOutput": {"StackName": "gone", "OutputName": "VpcId"}},
        ),
        ({"Fn::GetStackOutput": {"StackName": 1}}, {"Fn::GetStackOutput": {"StackName": "1"}}),
        (
            {"Fn::GetStackOutput": {"StackName": "s", "OutputName": {"Ref": "Size"}}},
            {"Fn::GetStackOutput": {"StackName": "s", "OutputName": SIZE}},
        ),
        (
            {"Fn::GetStackOutput": {"StackName": ["s"], "OutputName": "VpcId"}},
            {"Fn::GetStackOutput": {"StackName": ["s"], "OutputName": "VpcId"}},
        ),
        ({"Fn::GetStackOutput": 1}, {"Fn::GetStackOutput": "1"}),
        # A circle of outputs ends.
        (
            {"Fn::GetStackOutput": {"StackName": "s", "OutputName": "Self"}},
            {"Fn::GetStackOutput": ["s", "Self"]},
        ),
        # Of functions that nobody has to know here, the arguments are resolved.
        ({"Fn::Join": ["-", [{"Ref": "Vpc"}, 1]]}, {"Fn::Join": ["-", [VPC, "1"]]}),
    ],
)
def test_a_value_has_everything_in_it_that_it_hangs_on(node: Any, expected: Any) -> None:
    assert value(node) == expected
    # The same again, from what was found before.
    resolver = Resolver(TEMPLATES)
    assert [resolver.value("s", node), resolver.value("s", node)] == [expected, expected]


def test_names_belong_to_their_stack() -> None:
    assert value({"Ref": "Vpc"}, "other") == {"Ref": "Vpc"}
    assert value({"Ref": "Size"}, "other") == {"Ref": "Size"}
    assert value({"Condition": "On"}, "other") == {"Condition": "On"}
    assert value({"Fn::GetAtt": ["Vpc", "Id"]}, "other") == Reference(Address("other", "Vpc"), "Id")
    assert value({"Fn::Sub": "${Vpc}"}, "other") == {"Fn::Sub": "${Vpc}", "Values": {"Vpc": {"Ref": "Vpc"}}}
    assert value({"Fn::FindInMap": ["Map", "eu", "id"]}, "other") == {
        "Fn::FindInMap": [["Map", "eu", "id"], {}]
    }
    assert value({"Fn::ImportValue": "vpc-id"}, "other") == VPC


def test_one_resolver_finds_the_same_keys_in_different_mappings() -> None:
    resolver = Resolver(
        {name: {"Mappings": {"Map": {"a": {"b": name, "c": "third"}}}} for name in ("one", "two")}
    )
    find = {"Fn::FindInMap": ["Map", "a", "b"]}
    assert [resolver.value(name, find) for name in ("one", "two", "one")] == ["one", "two", "one"]
    assert resolver.value("one", {"Fn::FindInMap": ["Map", "a", "c"]}) == "third"


def test_one_resolver_keeps_what_it_found_under_one_name_in_three_sections_apart() -> None:
    def written(name: str) -> dict[str, Any]:
        return {
            "Conditions": {"X": {"Fn::Not": [name]}, "Y": {"Fn::Not": ["y"]}},
            "Mappings": {"X": {"a": name}},
            "Outputs": {"X": {"Value": f"value-{name}"}},
        }

    resolver = Resolver({"one": written("one"), "two": written("two")})
    for _ in range(2):
        for stack in ("one", "two"):
            assert resolver.condition(stack, "X") == {"Condition": {"Fn::Not": [stack]}}
            assert resolver.condition(stack, "Y") == {"Condition": {"Fn::Not": ["y"]}}
            assert resolver.value(stack, {"Fn::FindInMap": ["X"]}) == {"a": stack}
            output = {"Fn::GetStackOutput": {"StackName": stack, "OutputName": "X"}}
            assert resolver.value("one", output) == f"value-{stack}"


def test_a_mapping_with_a_function_in_it_is_resolved_although_none_may_be_there() -> None:
    resolver = Resolver({"s": {"Resources": {"Vpc": {}}, "Mappings": {"Map": {"a": {"b": {"Ref": "Vpc"}}}}}})
    assert resolver.value("s", {"Fn::FindInMap": ["Map", "a", "b"]}) == VPC
    assert resolver.value("s", {"Fn::FindInMap": ["Map", "a", "c"]}) == {
        "Fn::FindInMap": [["Map", "a", "c"], {"b": VPC}]
    }


def test_a_condition_by_its_name_is_what_decides_it() -> None:
    resolver = Resolver(TEMPLATES)
    assert resolver.condition("s", "On") == {"Condition": {"Fn::Equals": [SIZE, "5"]}}
    assert resolver.condition("s", {"Ref": "Size"}) == {"Condition": SIZE}
    assert resolver.resources("s") == TEMPLATES["s"]["Resources"]
    assert resolver.resources("other") == {}


def _twice(kind: str, number: int) -> list[Any]:
    """What names the next of its kind two times."""
    following = f"{kind}{number + 1}"
    written: dict[str, Any] = {
        "Conditions": {"Condition": following},
        "Outputs": {"Fn::GetStackOutput": {"StackName": "s", "OutputName": following}},
        "Mappings": {"Fn::FindInMap": [following, "a", "b"]},
    }
    return [written[kind], written[kind]]


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        ("Conditions", lambda both: {"Fn::And": both}),
        ("Outputs", lambda both: {"Value": both}),
        ("Mappings", lambda both: {"a": {"b": both}}),
    ],
)
def test_what_doubles_itself_without_end_is_refused_at_once(kind: str, entry: Any) -> None:
    steps = 30  # deep enough; a measure by mutation needs three calls for each of ours
    chain = {f"{kind}{number}": entry(_twice(kind, number)) for number in range(steps)}
    doubling = Resolver({"s": {kind: {**chain, f"{kind}{steps}": {"a": {"b": "end"}, "Value": "end"}}}})
    with pytest.raises(InvalidInput, match="name each other twice") as caught:
        doubling.value("s", {"Fn::If": ["Conditions0", *_twice(kind, -1)]})
    assert caught.value.path == "s"


@pytest.mark.parametrize(
    ("node", "values"),
    [
        ("a", 1),
        (["a", None, {"b": 1}], 4),
        ({"Fn::FindInMap": ["Map", "eu", "list"]}, 4),
        ({"Fn::GetStackOutput": {"StackName": "s", "OutputName": "Vpc"}}, 2),
        ({"Fn::GetStackOutput": {"StackName": "s", "OutputName": "Self"}}, 3),
    ],
)
def test_values_are_counted_also_where_they_are_resolved_once(
    monkeypatch: pytest.MonkeyPatch, node: Any, values: int
) -> None:
    asked = [node, node, node]
    known: dict[str, Any] = {
        "s": {
            "Mappings": {"Map": {"eu": {"list": ["a", True]}}},
            "Outputs": {
                "Vpc": {"Value": {"Ref": "AWS::Region"}},
                "Self": {"Value": {"Fn::GetStackOutput": {"StackName": "s", "OutputName": "Self"}}},
            },
        }
    }
    monkeypatch.setattr(resolver, "MOST_VALUES", 1 + 3 * values)
    assert len(Resolver(known).value("s", asked)) == 3
    monkeypatch.setattr(resolver, "MOST_VALUES", 3 * values)
    with pytest.raises(InvalidInput) as caught:
        Resolver(known).value("s", asked)
    assert caught.value.code == "Template"
    assert caught.value.path == "s"
    assert caught.value.message == (
        f"has more than {3 * values} values once its references are written out; look for conditions, mappings or "
        "outputs that name each other twice"
    )


@pytest.mark.parametrize(
    ("what", "opaque"),
    [
        (VPC, True),
        ({"Ref": "x"}, True),
        ({"a": 1, "Fn::Join": []}, True),
        ({"a": 1}, False),
        ({}, False),
        ("Ref", False),
        (["Ref"], False),
    ],
)
def test_what_only_the_deployment_knows_is_told_apart(what: Any, opaque: bool) -> None:
    assert is_opaque(what) is opaque
