"""What people read about a change, word by word: that is all they have to decide by."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.errors import InvalidInput
from studio_infra.review.replacement.acknowledgements import read_acknowledgements
from studio_infra.review.replacement.changes import Change, Kind, Level
from studio_infra.review.replacement.comparison import diff
from studio_infra.review.replacement.guard import Verdict, guard
from tests.review.replacement.test_replacement import RETAIN, edit, profile, users

if TYPE_CHECKING:
    from pathlib import Path

LOST = "Lost: the person's home: a new profile gets a new HomeEfsFileSystemUid, and the old files belong to nobody"
KEPT = "Kept: the profile and its home stay in the domain, managed by no stack"
SECOND = "aws-service-spec 0.1.216"
ANA = profile(domain="d-1")
SAFE_ANA = profile(domain="d-1", **RETAIN)
KEY = {"Type": "AWS::KMS::Key", "Properties": {"Description": "homes"}}


def said(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [str(change) for change in diff(old, new)]


def one(before: dict[str, Any], after: dict[str, Any]) -> str:
    (line,) = said({"s": users(Ana=before)}, {"s": users(Ana=after)})
    return line


def with_(resource: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {**resource, "Properties": {**resource["Properties"], **properties}}


def test_a_replacement_says_why_what_is_lost_and_why_it_would_fail() -> None:
    assert one(ANA, with_(ANA, SingleSignOnUserValue="a@x.y")) == (
        f"s/Ana: SageMaker::UserProfile ana replaced: SingleSignOnUserValue changes (create-only). {LOST}. "
        "The deployment fails: CloudFormation makes the new one first, and the name ana is taken"
    )
    assert one(SAFE_ANA, with_(SAFE_ANA, SingleSignOnUserValue="a@x.y")) == (
        "s/Ana: SageMaker::UserProfile ana replaced: SingleSignOnUserValue changes (create-only). "
        f"A new one takes its place, without what this one holds. {KEPT}. "
        "The deployment fails: CloudFormation makes the new one first, and the name ana is taken"
    )


def test_another_domain_or_another_name_makes_room_for_the_new_one() -> None:
    assert one(ANA, with_(ANA, DomainId="d-2")) == (
        f"s/Ana: SageMaker::UserProfile ana replaced: DomainId changes (create-only). {LOST}"
    )
    assert one(ANA, with_(ANA, UserProfileName="bob")) == (
        f"s/Ana: SageMaker::UserProfile ana replaced: UserProfileName changes (create-only). {LOST}"
    )


@pytest.mark.parametrize("policies", [{"DeletionPolicy": "Retain"}, {"UpdateReplacePolicy": "Snapshot"}])
def test_only_what_retains_on_replacement_keeps_what_is_replaced(policies: dict[str, str]) -> None:
    half = {**ANA, **policies}
    assert LOST in one(half, with_(half, DomainId="d-2"))
    # Both sides count: the template that is deployed, and the one that comes.
    assert LOST in one(SAFE_ANA, with_(ANA, DomainId="d-2"))
    assert LOST in one(ANA, with_(SAFE_ANA, DomainId="d-2"))
    assert KEPT in one(
        {**ANA, "UpdateReplacePolicy": "RetainExceptOnCreate"},
        with_({**ANA, "UpdateReplacePolicy": "Retain"}, DomainId="d-2"),
    )


def test_doubt_says_what_would_be_lost_and_who_doubts() -> None:
    doubt = f"changes ({SECOND} calls this a replacement, the registry an update in place)"
    assert one(ANA, with_(ANA, Tags=[{"Key": "a", "Value": "b"}])) == (
        f"s/Ana: SageMaker::UserProfile ana may be replaced: Tags/Key {doubt}; Tags/Value {doubt}. If it is: {LOST}. "
        "The deployment fails: CloudFormation makes the new one first, and the name ana is taken"
    )


def test_what_is_updated_in_place_says_which_properties_change() -> None:
    assert one(ANA, with_(ANA, UserSettings={"SecurityGroups": ["sg-1"]})) == (
        "s/Ana: SageMaker::UserProfile ana in place: UserSettings/SecurityGroups changes (updated in place)"
    )
    assert one(ANA, {**ANA, "DependsOn": "Other"}) == (
        "s/Ana: SageMaker::UserProfile ana safe: its properties stay as they are"
    )


def test_protection_that_goes_is_said_policy_by_policy() -> None:
    loses = "the next deletion or replacement loses the data"
    deletion = f"DeletionPolicy changes from Retain to Delete: {loses}"
    replacement = f"UpdateReplacePolicy changes from Retain to Delete: {loses}"
    assert one(SAFE_ANA, ANA) == f"s/Ana: SageMaker::UserProfile ana unprotected: {deletion}; {replacement}"
    kept = {**ANA, "DeletionPolicy": "Retain"}
    assert one(SAFE_ANA, kept) == f"s/Ana: SageMaker::UserProfile ana unprotected: {replacement}"
    # Said next to what else happens.
    assert f"; {deletion}" in one(SAFE_ANA, with_(ANA, DomainId="d-2"))
    weaker = {**ANA, **dict.fromkeys(RETAIN, "RetainExceptOnCreate")}
    assert one(SAFE_ANA, weaker).endswith("ana safe: its properties stay as they are")


def test_a_policy_that_only_the_deployment_knows_protects_nothing_and_is_said_as_it_is_written() -> None:
    def made(*keys: str) -> dict[str, Any]:
        macro = {"Parameters": {"Stage": "test"}, "Name": "Policy"}
        return {**SAFE_ANA, "DeletionPolicy": {"Fn::Transform": {key: macro[key] for key in keys}}}

    assert one(SAFE_ANA, made("Parameters", "Name")) == (
        "s/Ana: SageMaker::UserProfile ana unprotected: DeletionPolicy changes from Retain to "
        '{"Fn::Transform": {"Name": "Policy", "Parameters": {"Stage": "test"}}}: '
        "the next deletion or replacement loses the data"
    )
    # However it is written, it is the same one.
    turned = {"s": users(Ana=made("Name", "Parameters"))}
    assert said({"s": users(Ana=made("Parameters", "Name"))}, turned) == []


def test_what_leaves_says_whether_its_stack_does() -> None:
    old = {"s": users(Ana=ANA)}
    head = "s/Ana: SageMaker::UserProfile ana deleted: "
    assert said(old, {"s": users()}) == [f"{head}it left the template. {LOST}"]
    assert said(old, {}) == [f"{head}its stack left the app: this counts as destroyed. {LOST}"]
    assert said({"s": users(Ana=SAFE_ANA)}, {"s": users()}) == [
        (
            f"s/Ana: SageMaker::UserProfile ana orphaned: it left the template. {KEPT}. "
            "Until it is deleted, the name ana is taken: to have it back in a stack, use `cdk import`"
        )
    ]
    assert said({"s": users(Key={**KEY, **RETAIN})}, {"s": users()}) == [
        (
            "s/Key: KMS::Key Key orphaned: it left the template. "
            "Kept: the key stays in the account; what it encrypted needs it for as long as it exists"
        )
    ]


def test_a_condition_that_changes_says_what_it_can_do() -> None:
    old = {**users(Ana=ANA), "Conditions": {"On": {"Fn::Equals": ["a", "a"]}}}
    (line,) = said({"s": old}, {"s": {**old, **users(Ana={**ANA, "Condition": "On"})}})
    assert line == (
        "s/Ana: SageMaker::UserProfile ana deleted: its condition changes: where it does not hold, the resource is "
        f"taken away. {LOST}"
    )


def test_a_move_and_another_logical_id_say_where_it_is_and_what_to_do() -> None:
    taken = "While this one exists, the other cannot be made: the name ana is taken"
    deletes = "CloudFormation makes another one and deletes this one"
    assert said({"a": users(Ana=ANA), "b": users()}, {"a": users(), "b": users(Anna=ANA)}) == [
        (
            f"a/Ana: SageMaker::UserProfile ana moved: it is b/Anna now. {deletes}. {LOST}. {taken}. "
            "Leave it in its stack, or move it with `cdk refactor`"
        )
    ]
    assert said({"a": users(Ana=SAFE_ANA)}, {"a": users(Anna=SAFE_ANA)}) == [
        (
            "a/Ana: SageMaker::UserProfile ana renamed: its logical id is Anna now. "
            f"CloudFormation makes another one and lets go of this one. {KEPT}. {taken}. "
            "Keep its construct's path, or use `cdk refactor`"
        )
    ]
    (key,) = said({"a": users(Key=KEY)}, {"a": users(Other=KEY)})
    assert "is taken" not in key


def test_what_is_new_says_nothing_more() -> None:
    assert said({"s": users()}, {"s": users(Ana=ANA, Topic={"Type": "AWS::SNS::Topic"})}) == [
        "s/Ana: SageMaker::UserProfile ana created"
    ]


def test_a_name_that_only_the_deployment_knows_is_not_said() -> None:
    named = with_(ANA, UserProfileName={"Ref": "Name"})
    assert said({"s": users()}, {"s": users(Ana=named)}) == ["s/Ana: SageMaker::UserProfile Ana created"]


def test_the_worst_comes_first_then_stacks_and_logical_ids_by_name() -> None:
    old = {
        "b": users(Gone=profile("gone", "d-1"), Ana=ANA),
        "a": users(Zoe=profile("zoe", "d-1"), Bob=profile("bob", "d-1")),
    }
    new = {
        "b": users(Ana=with_(ANA, DomainId="d-2"), New=profile("new", "d-1")),
        "a": users(Zoe=profile("zoe", "d-2"), Bob=profile("bob", "d-2")),
    }
    assert [(one.kind, one.stack, one.logical_id) for one in diff(old, new)] == [
        (Kind.REPLACED, "a", "Bob"),
        (Kind.REPLACED, "a", "Zoe"),
        (Kind.REPLACED, "b", "Ana"),
        (Kind.DELETED, "b", "Gone"),
        (Kind.CREATED, "b", "New"),
    ]


def test_a_change_names_all_its_properties_once_and_sorted() -> None:
    (change,) = diff(
        {"s": users(Ana=ANA)},
        {
            "s": users(
                Ana=with_(ANA, UserSettings={"SecurityGroups": ["a"], "ExecutionRole": "r"}, DomainId="d-2")
            )
        },
    )
    assert change.properties == ("DomainId", "UserSettings")
    assert change.reasons == ("DomainId changes (create-only)",)


def test_chains_say_the_whole_way() -> None:
    domain = {"Type": "AWS::SageMaker::Domain", "Properties": {"DomainName": "r", "AuthMode": "IAM"}}
    ana = profile(domain={"Ref": "Domain"})
    old = users(Domain=domain, Ana=ana)
    replaced, doubted = (
        {
            change.logical_id: change.reasons
            for change in diff({"s": old}, {"s": edit(old, **{f"Domain__{key}": value})})
        }
        for key, value in (("AuthMode", "SSO"), ("Tags", [{"Key": "a", "Value": "b"}]))
    )
    assert replaced["Ana"] == ("DomainId refers to Domain, which is replaced",)
    assert doubted["Ana"] == ("DomainId refers to Domain, which may be replaced",)


def verdict(*changes: Change) -> Verdict:
    return Verdict(list(changes), [])


def change(logical_id: str = "Ana", kind: Kind = Kind.DELETED, **more: Any) -> Change:
    given = {"stack": "s", "type": "AWS::SageMaker::UserProfile"} | more
    return Change(logical_id=logical_id, kind=kind, **given)


def test_three_that_are_alike_are_named_and_the_rest_are_counted() -> None:
    many = verdict(*(change(f"P{number}") for number in range(5)))
    assert many.lines(Level.BLOCKED) == [
        "s/P0: SageMaker::UserProfile P0 deleted",
        "s/P1: SageMaker::UserProfile P1 deleted",
        "s/P2: SageMaker::UserProfile P2 deleted",
        "s: 2 more of SageMaker::UserProfile deleted, for the same reasons",
    ]
    assert len(verdict(*(change(f"P{number}") for number in range(3))).lines(Level.BLOCKED)) == 3
    assert many.lines(Level.WARNING) == []
    assert many.blocked == many.changes


@pytest.mark.parametrize(
    "other",
    [
        {"stack": "t"},
        {"type": "AWS::SageMaker::Space"},
        {"kind": Kind.REPLACED},
        {"properties": ("DomainId",)},
    ],
)
def test_what_differs_in_anything_that_matters_is_named_by_itself(other: dict[str, Any]) -> None:
    alike = [change(f"P{number}") for number in range(4)]
    assert len(verdict(*alike, change("Other", **other)).lines(Level.BLOCKED)) == 5


def test_what_somebody_accepted_is_a_warning_with_the_reason() -> None:
    accepted = change(acknowledged="she left")
    assert verdict(accepted).lines(Level.WARNING) == [
        "s/Ana: SageMaker::UserProfile Ana deleted. Acknowledged: she left"
    ]
    assert verdict(accepted).blocked == []
    assert str(change(stack="")) == "Ana: SageMaker::UserProfile Ana deleted"
    # Alike but for who accepted it: each is named.
    mixed = verdict(*(change(f"P{number}", acknowledged=str(number % 2)) for number in range(6)))
    assert len(mixed.lines(Level.WARNING)) == 6


def test_today_decides_when_no_day_is_given(tmp_path: Path) -> None:
    file = tmp_path / "accepted.toml"
    old, new = {"s": users(Ana=ANA)}, {"s": users()}
    entry = '[[change]]\nstack = "s"\nlogical_id = "Ana"\nkind = "deleted"\nreason = "left"\nuntil = '
    today = dt.datetime.now(dt.UTC).date()
    file.write_text(f"{entry}{today + dt.timedelta(days=2)}\n", encoding="utf-8")
    assert guard(old, new, acknowledged=file).blocked == []
    file.write_text(f"{entry}{today - dt.timedelta(days=2)}\n", encoding="utf-8")
    assert len(guard(old, new, acknowledged=file).blocked) == 1


def test_today_is_that_of_utc_wherever_somebody_sits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class LateInHelsinki(dt.datetime):
        """Half past eleven in the evening, UTC: on the clock of whoever asks for no zone it is tomorrow."""

        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> LateInHelsinki:
            return cls(2026, 11, 23, 23, 30, tzinfo=dt.UTC).astimezone(
                tz or dt.timezone(dt.timedelta(hours=2))
            )

    clock = SimpleNamespace(datetime=LateInHelsinki, UTC=dt.UTC)
    monkeypatch.setattr("studio_infra.review.replacement.guard.dt", clock)
    file = tmp_path / "accepted.toml"
    file.write_text(f"[[change]]\n{ENTRY}until = 2026-11-23\n", encoding="utf-8")
    verdict = guard({"s": users(Ana=ANA)}, {"s": users()}, acknowledged=file)
    assert (verdict.blocked, verdict.warnings) == ([], [])


def test_an_acknowledgement_that_nothing_needs_is_named(tmp_path: Path) -> None:
    file = tmp_path / "accepted.toml"
    file.write_text(
        '[[change]]\nstack = "s"\nlogical_id = "Ana"\nkind = "deleted"\nreason = "left"\n', encoding="utf-8"
    )
    assert guard({}, {}, acknowledged=file).warnings == [
        "acknowledgement of s/Ana deleted is not needed: take it out"
    ]


ENTRY = 'stack = "s"\nlogical_id = "Ana"\nkind = "deleted"\nreason = "left"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "{path}: must hold [[change]] tables and nothing else"),
        (
            "[[change]]\nwho = 1",
            "{path}: change 1: must be a table of kind, logical_id, reason, stack, type, until",
        ),
        (
            f"[[change]]\n{ENTRY}[[change]]\nstack = 1",
            "{path}: change 2: every value but until must be a text that says something",
        ),
        ("[[change]]\nlogical_id = 'Ana'", "{path}: change 1: says no kind, reason, stack"),
        (
            "[[change]]\n" + ENTRY.replace('logical_id = "Ana"\n', ""),
            "{path}: change 1: must name either a logical_id or a type",
        ),
        (
            "[[change]]\n" + ENTRY.replace("deleted", "gone"),
            "{path}: change 1: kind must be one of replaced, deleted, moved, renamed, orphaned, got 'gone'",
        ),
        (
            "[[change]]\n" + ENTRY.replace('logical_id = "Ana"', 'type = "AWS::SageMaker::Domain"'),
            (
                "{path}: change 1: a whole type can only be 'replaced', and only AWS::SageMaker::EndpointConfig, "
                "AWS::SageMaker::Model, AWS::SageMaker::StudioLifecycleConfig; name a logical_id"
            ),
        ),
        (
            "[[change]]\n" + ENTRY + "until = 'soon'",
            "{path}: change 1: until must be a date such as 2027-01-31, got 'soon'",
        ),
    ],
)
def test_a_file_of_acknowledgements_is_refused_in_one_whole_sentence(
    tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "accepted.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_acknowledgements(file)
    refused = caught.value
    assert (f"{refused.path}: {refused.message}", refused.code) == (
        message.format(path=file),
        "Acknowledgement",
    )


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ([], "s: is no template: a JSON object is expected"),
        ({"Resources": []}, "s: Resources must be an object"),
        ({"Conditions": 1}, "s: Conditions must be an object"),
        ({"Mappings": 1}, "s: Mappings must be an object"),
        ({"Outputs": 1}, "s: Outputs must be an object"),
        ({"Parameters": 1}, "s: Parameters must be an object"),
        (users(Ana=1), "s/Ana: is no resource: an object with a Type is expected, macros expanded"),
        (users(Ana={"Type": 1}), "s/Ana: is no resource: an object with a Type is expected, macros expanded"),
        (users(Ana={"Type": "T", "Properties": [1]}), "s/Ana: Properties must be an object"),
        # Conditions that hang on each other have no end.
        (
            {**users(Ana={**ANA, "Condition": "A"}), "Conditions": {"A": {"Condition": "A"}}},
            ": is nested too deeply to be a template",
        ),
    ],
)
def test_a_template_that_is_none_is_refused_in_one_whole_sentence(template: Any, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        diff({}, {"s": template})
    refused = caught.value
    assert (f"{refused.path}: {refused.message}", refused.code) == (message, "Template")


def test_who_waits_and_says_the_name_inside_a_list_may_be_replaced_too() -> None:
    model = {"Type": "AWS::SageMaker::Model", "Properties": {"ModelName": "churn", "ExecutionRoleArn": "one"}}
    config = {
        "Type": "AWS::SageMaker::EndpointConfig",
        "DependsOn": ["Model"],
        "Properties": {"ProductionVariants": [{"VariantName": "a", "ModelName": "churn"}]},
    }
    old = users(Model=model, Config=config)
    found = diff({"s": old}, {"s": edit(old, Model__ExecutionRoleArn="two")})
    assert [(one.logical_id, one.kind) for one in found] == [
        ("Model", Kind.REPLACED),
        ("Config", Kind.MAY_BE_REPLACED),
    ]
    assert found[1].reasons == ("ProductionVariants/ModelName names Model, which is replaced",)


def test_a_name_of_ones_own_that_is_the_same_is_not_the_other_ones() -> None:
    lab = {
        "Type": "AWS::SageMaker::Space",
        "DependsOn": "Ana",
        "Properties": {"DomainId": "d-1", "SpaceName": "ana"},
    }
    old = users(Ana=ANA, Lab=lab)
    (found,) = diff({"s": old}, {"s": edit(old, Ana__SingleSignOnUserValue="a@x.y")})
    assert found.logical_id == "Ana"
