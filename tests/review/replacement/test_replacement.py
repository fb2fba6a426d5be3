"""What the guard says about whole templates: chains, moves, renames, retention."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from studio_infra.review.replacement.changes import Change, Kind, Level
from studio_infra.review.replacement.comparison import diff

RETAIN = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
DOMAIN = {
    "Type": "AWS::SageMaker::Domain",
    "Properties": {
        "DomainName": "research",
        "AuthMode": "IAM",
        "VpcId": {"Ref": "Vpc"},
        "SubnetIds": ["subnet-1"],
    },
}
VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
OUTPUTS = {"DomainId": {"Value": {"Ref": "Domain"}, "Export": {"Name": "domain-id"}}}
STUDIO = {"Resources": {"Vpc": VPC, "Domain": DOMAIN}, "Outputs": OUTPUTS}
WEAK = {"Fn::GetStackOutput": {"StackName": "studio", "OutputName": "DomainId"}}


def profile(name: Any = "ana", domain: Any = WEAK, **more: Any) -> dict[str, Any]:
    properties = {"DomainId": domain, "UserProfileName": name}
    return {"Type": "AWS::SageMaker::UserProfile", "Properties": properties, **more}


def space(owner: Any = "ana", domain: Any = WEAK, **more: Any) -> dict[str, Any]:
    properties = {
        "DomainId": domain,
        "SpaceName": "lab",
        "OwnershipSettings": {"OwnerUserProfileName": owner},
    }
    return {"Type": "AWS::SageMaker::Space", "Properties": properties, **more}


def users(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


def edit(template: dict[str, Any], **edits: Any) -> dict[str, Any]:
    """A copy with properties changed: `Resource__Property=value`."""
    result = copy.deepcopy(template)
    for key, value in edits.items():
        logical_id, _, name = key.partition("__")
        result["Resources"][logical_id]["Properties"][name] = value
    return result


def kinds(changes: list[Change]) -> dict[str, Kind]:
    return {change.logical_id: change.kind for change in changes}


def single(old: Any, new: Any) -> Change:
    (change,) = diff({"s": {"Resources": {"It": old}}}, {"s": {"Resources": {"It": new}}})
    return change


@pytest.mark.parametrize(
    "domain", [WEAK, {"Fn::ImportValue": "domain-id"}, {"Fn::ImportValue": {"Fn::Sub": "domain-id"}}]
)
def test_a_replaced_domain_replaces_every_profile_and_space_in_every_stack(domain: Any) -> None:
    old = {
        "studio": STUDIO,
        "users": users(Ana=profile(domain=domain), Lab=space(domain=domain, DependsOn="Ana")),
    }
    new = {**old, "studio": edit(STUDIO, Domain__DomainName="other")}
    found = diff(old, new)
    assert kinds(found) == dict.fromkeys(("Domain", "Ana", "Lab"), Kind.REPLACED)
    reasons = {change.logical_id: change.reasons for change in found}
    assert reasons["Domain"] == ("DomainName changes (create-only)",)
    assert reasons["Ana"] == ("DomainId refers to Domain, which is replaced",)
    assert "file system" in found[0].consequence


def test_a_chain_goes_through_types_that_hold_no_data() -> None:
    found = diff({"studio": STUDIO}, {"studio": edit(STUDIO, Vpc__CidrBlock="10.1.0.0/16")})
    assert kinds(found) == {"Domain": Kind.MAY_BE_REPLACED}
    assert found[0].reasons == ("VpcId refers to Vpc, which is replaced",)


def test_doubt_about_the_domain_is_doubt_about_its_people() -> None:
    old = {"studio": STUDIO, "users": users(Ana=profile())}
    found = diff(old, {**old, "studio": edit(STUDIO, Domain__Tags=[{"Key": "a", "Value": "b"}])})
    assert kinds(found) == {"Domain": Kind.MAY_BE_REPLACED, "Ana": Kind.MAY_BE_REPLACED}
    assert "aws-service-spec 0.1.216" in found[0].reasons[0]
    assert {change.level for change in found} == {Level.WARNING}


def test_a_replaced_model_replaces_its_configuration_and_updates_its_endpoint_in_place() -> None:
    variant = [{"VariantName": "a", "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]}}]
    old = users(
        Model={"Type": "AWS::SageMaker::Model", "Properties": {"PrimaryContainer": {"Image": "one"}}},
        Config={"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": variant}},
        End={
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {"EndpointConfigName": {"Fn::Sub": "${Config.EndpointConfigName}"}},
        },
    )
    found = diff({"w": old}, {"w": edit(old, Model__PrimaryContainer={"Image": "two"})})
    assert kinds(found) == {"Model": Kind.REPLACED, "Config": Kind.REPLACED, "End": Kind.IN_PLACE}


def test_who_waits_for_a_replaced_profile_and_names_it_may_be_replaced_too() -> None:
    old = users(
        Ana=profile(domain="d-1"), Lab=space(domain="d-1", DependsOn=["Ana"]), Bob=space("bob", "d-1")
    )
    found = diff({"u": old}, {"u": edit(old, Ana__SingleSignOnUserValue="ana@example.com")})
    assert kinds(found) == {"Ana": Kind.REPLACED, "Lab": Kind.MAY_BE_REPLACED}
    assert "OwnerUserProfileName names Ana, which is replaced" in found[1].reasons[0]


def test_a_replacement_under_the_same_name_cannot_even_be_deployed() -> None:
    ana = profile(domain="d-1")
    sso = {**ana, "Properties": {**ana["Properties"], "SingleSignOnUserValue": "ana@example.com"}}
    assert "the name ana is taken" in single(ana, sso).consequence
    assert "taken" not in single(ana, profile(domain="d-2")).consequence


def test_a_person_in_another_stack_is_a_move_and_blocked() -> None:
    old = {"users-1": users(Ana=profile(**RETAIN), Bob=profile("bob")), "users-2": users()}
    new = {"users-1": users(Bob=profile("bob")), "users-2": users(Anna2=profile(**RETAIN))}
    (change,) = diff(old, new)
    assert (change.kind, change.level, change.stack, change.name) == (
        Kind.MOVED,
        Level.BLOCKED,
        "users-1",
        "ana",
    )
    assert change.reasons == ("it is users-2/Anna2 now",)
    assert "the name ana is taken" in change.consequence
    assert "home" in change.consequence


def test_a_key_without_a_name_that_changes_stacks_is_a_move_too() -> None:
    key = {"Type": "AWS::KMS::Key", "Properties": {"Description": "homes"}}
    assert kinds(diff({"a": users(Key=key), "b": users()}, {"a": users(), "b": users(Key=key)})) == {
        "Key": Kind.MOVED
    }


@pytest.mark.parametrize(
    "resource", [profile(domain="d-1"), {"Type": "AWS::KMS::Key", "Properties": {"Description": "homes"}}]
)
def test_another_logical_id_for_the_same_thing_is_recognised(resource: dict[str, Any]) -> None:
    (change,) = diff({"s": users(One=resource)}, {"s": users(Two=resource)})
    assert (change.kind, change.logical_id, change.reasons) == (
        Kind.RENAMED,
        "One",
        ("its logical id is Two now",),
    )
    assert "Lost: " in change.consequence


def test_two_candidates_are_no_move() -> None:
    key = {"Type": "AWS::KMS::Key", "Properties": {"Description": "homes"}}
    found = diff({"s": users(One=key)}, {"s": users(Two=key, Three=key)})
    assert kinds(found) == {"One": Kind.DELETED, "Two": Kind.CREATED, "Three": Kind.CREATED}


def test_what_refers_to_a_renamed_domain_is_replaced() -> None:
    old = users(Vpc=VPC, Domain=DOMAIN, Ana=profile(domain={"Ref": "Domain"}))
    new = users(Vpc=VPC, Domain2=DOMAIN, Ana=profile(domain={"Ref": "Domain2"}))
    assert kinds(diff({"s": old}, {"s": new})) == {"Domain": Kind.RENAMED, "Ana": Kind.REPLACED}


def test_leaving_the_template_deletes_or_orphans() -> None:
    old = users(Gone=profile("gone", "d-1"), Kept=profile("kept", "d-1", **RETAIN))
    gone, kept = diff({"s": old}, {"s": users()})
    assert (gone.kind, kept.kind) == (Kind.DELETED, Kind.ORPHANED)
    assert gone.consequence.startswith("Lost: the person's home")
    assert "the name kept is taken" in kept.consequence
    assert {gone.level, kept.level} == {Level.BLOCKED}


def test_the_policy_that_was_deployed_decides_about_a_deletion() -> None:
    old, new = {"s": users(Ana=profile(domain="d-1"))}, {"s": users()}
    assert kinds(diff(old, new)) == {"Ana": Kind.DELETED}


def test_a_stack_that_leaves_the_app_counts_as_destroyed() -> None:
    (change,) = diff({"s": users(Ana=profile(domain="d-1"))}, {})
    assert (change.kind, change.reasons) == (
        Kind.DELETED,
        ("its stack left the app: this counts as destroyed",),
    )


def test_another_type_under_one_logical_id_is_a_deletion() -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {}}
    assert single(profile(domain="d-1"), topic).kind is Kind.DELETED


def test_taking_the_protection_away_is_a_warning() -> None:
    change = single(profile(domain="d-1", **RETAIN), profile(domain="d-1"))
    assert (change.kind, change.level) == (Kind.UNPROTECTED, Level.WARNING)
    assert change.reasons[0].startswith("DeletionPolicy changes from Retain to Delete")
    assert single(profile(domain="d-1"), profile(domain="d-1", **RETAIN)).kind is Kind.SAFE


def test_a_condition_that_could_take_a_resource_away_is_blocked() -> None:
    conditions = {"Never": {"Fn::Equals": ["a", {"Ref": "Stage"}]}}
    parameters = {"Stage": {"Type": "String", "Default": "a"}}
    old = {
        **users(Ana=profile(domain="d-1", Condition="Never")),
        "Conditions": conditions,
        "Parameters": parameters,
    }
    changed = {**old, "Parameters": {"Stage": {"Type": "String", "Default": "b"}}}
    assert kinds(diff({"s": old}, {"s": changed})) == {"Ana": Kind.DELETED}
    without = {**old, **users(Ana=profile(domain="d-1"))}
    assert kinds(diff({"s": old}, {"s": without})) == {"Ana": Kind.SAFE}
    assert kinds(diff({"s": without}, {"s": old})) == {"Ana": Kind.DELETED}


@pytest.mark.parametrize(
    ("section", "before", "after", "value"),
    [
        (
            "Parameters",
            {"P": {"Type": "String", "Default": "d-1"}},
            {"P": {"Type": "String", "Default": "d-2"}},
            {"Ref": "P"},
        ),
        (
            "Mappings",
            {"M": {"a": {"b": "d-1"}}},
            {"M": {"a": {"b": "d-2"}}},
            {"Fn::FindInMap": ["M", "a", "b"]},
        ),
        (
            "Mappings",
            {"M": {"a": {"b": "d-1"}}},
            {"M": {"a": {"b": "d-2"}}},
            {"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "b"]},
        ),
        (
            "Conditions",
            {"C": {"Fn::Equals": ["a", "a"]}},
            {"C": {"Fn::Equals": ["a", "b"]}},
            {"Fn::If": ["C", "d-1", "d-2"]},
        ),
        (
            "Parameters",
            {"P": {"Type": "String", "Default": "1"}},
            {"P": {"Type": "String", "Default": "2"}},
            {"Fn::Sub": "d-${P}"},
        ),
    ],
)
def test_a_property_can_change_although_its_text_does_not(
    section: str, before: Any, after: Any, value: Any
) -> None:
    resources = users(Ana=profile(domain=value))
    found = diff({"s": {**resources, section: before}}, {"s": {**resources, section: after}})
    assert kinds(found) == {"Ana": Kind.REPLACED}


def test_a_value_published_by_another_stack_counts_when_it_changes() -> None:
    old = {
        "studio": {"Resources": {}, "Outputs": {"DomainId": {"Value": "d-1"}}},
        "users": users(Ana=profile()),
    }
    new = {**old, "studio": {"Resources": {}, "Outputs": {"DomainId": {"Value": "d-2"}}}}
    assert kinds(diff(old, new)) == {"Ana": Kind.REPLACED}


def test_another_way_to_write_the_same_is_no_change() -> None:
    strong = profile(domain={"Fn::ImportValue": "domain-id"}, DependsOn=[])
    strong["Properties"]["UserSettings"] = {
        "CustomPosixUserConfig": {"Uid": "20001"},
        "X": {"Ref": "AWS::NoValue"},
    }
    weak = profile()
    weak["Properties"]["UserSettings"] = {"CustomPosixUserConfig": {"Uid": 20001}}
    assert diff({"studio": STUDIO, "u": users(Ana=strong)}, {"studio": STUDIO, "u": users(Ana=weak)}) == []


def test_a_property_that_the_registry_does_not_know_is_a_warning() -> None:
    ana = profile(domain="d-1")
    new = {**ana, "Properties": {**ana["Properties"], "Brand": "new"}}
    change = single(ana, new)
    assert (change.kind, change.level) == (Kind.MAY_BE_REPLACED, Level.WARNING)


def test_what_hangs_on_a_type_that_nobody_knows_may_be_replaced() -> None:
    custom = {"Type": "Custom::Lookup", "Properties": {"Name": "a"}}
    old = users(Look=custom, Ana=profile(domain={"Fn::GetAtt": "Look.DomainId"}))
    assert kinds(diff({"s": old}, {"s": edit(old, Look__Name="b")})) == {"Ana": Kind.MAY_BE_REPLACED}


def test_a_nested_stack_is_not_called_safe() -> None:
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://one"}}
    change = single(nested, {**nested, "Properties": {"TemplateURL": "https://two"}})
    assert change.kind is Kind.MAY_BE_REPLACED


def test_metadata_and_order_of_keys_are_no_change() -> None:
    old = {"s": users(Ana=profile(domain="d-1", Metadata={"a": 1}))}
    ana = dict(reversed(profile(domain="d-1").items()))
    assert diff(old, {"s": {"Description": "x", **users(Ana=ana)}}) == []


def test_an_export_may_be_named_by_a_mapping() -> None:
    name = {"Fn::FindInMap": ["Names", "domain", "export"]}
    mappings = {"Names": {"domain": {"export": "domain-id"}}}
    outputs = {"DomainId": {"Value": {"Ref": "Domain"}, "Export": {"Name": name}}}
    old = {
        "studio": {**STUDIO, "Mappings": mappings, "Outputs": outputs},
        "users": users(Ana=profile(domain={"Fn::ImportValue": "domain-id"})),
    }
    new = {**old, "studio": edit(old["studio"], Domain__AuthMode="SSO")}
    assert kinds(diff(old, new)) == dict.fromkeys(("Domain", "Ana"), Kind.REPLACED)
