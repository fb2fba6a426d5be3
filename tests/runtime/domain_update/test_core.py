"""What is said to a domain: everything that is wanted, and nothing that others have is lost."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from studio_infra.runtime.functions.domain_update.core import OFF, SECTIONS, merged, places, plan
from tests.runtime.domain_update.worlds import FOREIGN, ROLE, WANT
from tests.runtime.fake_aws.sagemaker import _laid_over

NAMES = st.sampled_from(["a", "b", "c", "d"])
SWITCHES = ("ENABLED", "DISABLED", "USER_IDENTITY", "STATIC")
SWITCH = st.sampled_from(SWITCHES)
few = settings(max_examples=60, deadline=None)
#: A list of named things, as the data sources of Canvas are.
SOURCES = st.lists(
    st.fixed_dictionaries(
        {"DataSourceName": st.sampled_from(["Snowflake", "SalesforceGenie"]), "Status": SWITCH},
        optional={"SecretArn": st.sampled_from(["arn:1", "arn:2"])},
    ),
    unique_by=lambda one: one["DataSourceName"],
    max_size=2,
)
ARNS = st.lists(st.sampled_from(["arn:1", "arn:2", "arn:3"]), unique=True, max_size=3)
VALUE = SWITCH | st.sampled_from(["arn:1", "s3://bucket"])
#: One name means one thing, as in a model: texts, lists, things by name, blocks.
INNER = st.fixed_dictionaries({}, optional={"a": VALUE, "b": VALUE, "list": ARNS, "sources": SOURCES})
BLOCK = st.fixed_dictionaries(
    {}, optional={"a": VALUE, "list": ARNS, "sources": SOURCES, "x": INNER, "y": INNER}
)
SECTION = st.dictionaries(st.sampled_from(["One", "Two"]), BLOCK, max_size=2)
SETTINGS = st.dictionaries(st.sampled_from(list(SECTIONS)), SECTION, max_size=3)


def after(domain: Any, members: Any, keeps: int) -> dict[str, Any]:
    told = {name.removesuffix("ForUpdate"): value for name, value in members.items()}
    return {**domain, **{n: _laid_over(domain.get(n), value, keeps) for n, value in told.items()}}


def facts(settings: Any, place: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Everything that is set, with its place; entries of lists stand at a place of their own."""
    found: dict[tuple[str, ...], Any] = {}
    if isinstance(settings, list):
        for one in settings:
            name = one["DataSourceName"] if isinstance(one, dict) else one
            found |= facts(one, (*place, f"[{name}]"))
    elif isinstance(settings, dict):
        for name, value in settings.items():
            found |= facts(value, (*place, name))
    else:
        found[place] = settings
    return found


@few
@given(domain=SETTINGS, want=SETTINGS, had=SETTINGS, keeps=st.sampled_from([1, 9]))
def test_nothing_that_others_have_is_lost_however_deep_the_service_keeps(
    domain: Any, want: Any, had: Any, keeps: int
) -> None:
    before, ours = facts(domain), facts(want).keys() | facts(had).keys()
    now = facts(after(domain, plan(domain, want, had).members, keeps))
    assert {place: value for place, value in before.items() if place not in ours} == {
        place: value for place, value in now.items() if place not in ours
    }


@few
@given(domain=SETTINGS, want=SETTINGS, had=SETTINGS, keeps=st.sampled_from([1, 9]))
def test_afterwards_the_domain_has_all_that_is_wanted(domain: Any, want: Any, had: Any, keeps: int) -> None:
    now = after(domain, plan(domain, want, had).members, keeps)
    assert facts(want).items() <= facts(now).items()
    assert plan(now, want, had).open == ()


@few
@given(domain=SETTINGS, want=SETTINGS, had=SETTINGS)
def test_what_was_said_is_not_said_again(domain: Any, want: Any, had: Any) -> None:
    now = after(domain, plan(domain, want, had).members, 1)
    assert plan(now, want, had).members == plan(now, want, {}).members == {}


@few
@given(domain=SETTINGS, had=SETTINGS)
def test_only_what_is_still_as_it_was_set_is_taken_back(domain: Any, had: Any) -> None:
    before, now = facts(domain), facts(after(domain, plan(domain, {}, had).members, 1))
    for place, value in before.items():
        if now.get(place, None) != value:
            assert facts(had).get(place) == value
            assert now.get(place) in (None, OFF.get(value))


@few
@given(domain=SETTINGS, want=SETTINGS)
@example(
    domain={"DomainSettings": {"One": {"sources": [{"DataSourceName": "Snowflake", "SecretArn": "arn:1"}]}}},
    want={"DomainSettings": {"One": {"sources": [{"DataSourceName": "Snowflake", "Status": "ENABLED"}]}}},
)
def test_setting_and_taking_back_leaves_what_there_was_of_others(domain: Any, want: Any) -> None:
    foreign = {place: value for place, value in facts(domain).items() if place not in facts(want)}
    had = after(domain, plan(domain, want, {}).members, 1)
    now = after(had, plan(had, {}, want).members, 1)
    assert foreign.items() <= facts(now).items()
    # What is off stays to be seen, and so does the name of an entry that others have written to as well; what cannot be
    # unset is gone where the service takes blocks as a whole.
    shared = {place[:-1] for place in foreign}
    stays = {p for p, v in facts(want).items() if v in SWITCHES}
    stays |= {p for p in facts(want) if p[-1] == "DataSourceName" and p[:-1] in shared}
    assert set(facts(now)) - set(foreign) <= stays


@few
@given(domain=SETTINGS, want=SETTINGS, had=SETTINGS)
def test_what_is_given_is_not_changed(domain: Any, want: Any, had: Any) -> None:
    copies = json.dumps([domain, want, had])
    plan(domain, want, had)
    assert json.dumps([domain, want, had]) == copies


def test_a_block_goes_out_whole_with_what_others_set_in_it() -> None:
    said = plan(FOREIGN, WANT, {})
    assert said.members["DefaultUserSettings"] == {
        "CanvasAppSettings": {
            "TimeSeriesForecastingSettings": {"Status": "ENABLED", "AmazonForecastRoleArn": ROLE},
            "IdentityProviderOAuthSettings": [
                {"DataSourceName": "SalesforceGenie", "Status": "ENABLED", "SecretArn": "arn:theirs"},
                {"DataSourceName": "Snowflake", "Status": "ENABLED", "SecretArn": "arn:ours"},
            ],
            "WorkspaceSettings": {"S3ArtifactPath": "s3://bucket/canvas"},
            "DirectDeploySettings": {"Status": "ENABLED"},
        }
    }
    assert said.members["DomainSettingsForUpdate"]["DockerSettings"] == {
        "EnableDockerAccess": "ENABLED",
        "VpcOnlyTrustedAccounts": ["123456789012"],
        "RootlessDocker": "ENABLED",
    }
    assert said.open == (
        "DefaultUserSettings.CanvasAppSettings", "DomainSettings.AmazonQSettings", "DomainSettings.DockerSettings"
    )  # fmt: skip


def test_what_the_api_cannot_unset_is_left_out_of_its_block_and_not_waited_for() -> None:
    had = {"DefaultUserSettings": {"CanvasAppSettings": {"WorkspaceSettings": {"S3ArtifactPath": "s3://b"}}}}
    said = plan(had, {}, had)
    assert said.members == {"DefaultUserSettings": {"CanvasAppSettings": {"WorkspaceSettings": {}}}}
    assert said.open == ()


def test_a_switch_that_is_off_need_not_be_shown() -> None:
    off = {"DomainSettings": {"AmazonQSettings": {"Status": "DISABLED"}}}
    assert plan({}, off, {}).open == ()
    assert merged("ENABLED", None, "ENABLED") == "DISABLED"
    assert merged("USER_IDENTITY", None, "USER_IDENTITY") == "STATIC"


def test_logs_have_names_and_no_values() -> None:
    assert (
        next(iter(places(WANT))) == "DefaultUserSettings.CanvasAppSettings.WorkspaceSettings.S3ArtifactPath"
    )
    assert "arn" not in str(list(places(WANT)))
