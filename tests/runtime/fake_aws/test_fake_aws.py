"""The fake itself: that it is as troublesome as it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from studio_infra.runtime.functions.shared.calls import Calls, Deadline
from studio_infra.runtime.functions.shared.errors import Kind, kind
from tests.runtime.fake_aws.aws import Crash, FakeAws, Trouble
from tests.runtime.shared.fake_clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable

APP = {"DomainId": "d-own", "SpaceName": "lab", "AppType": "JupyterLab", "AppName": "default"}


@pytest.fixture
def aws() -> FakeAws:
    fake = FakeAws(FakeClock())
    fake.sagemaker.add_domain("d-own")
    fake.sagemaker.add_profile("d-own", "ana")
    fake.sagemaker.add_space("d-own", "lab", owner="ana")
    fake.sagemaker.add_app("d-own", space="lab")
    return fake


def status(aws: FakeAws) -> str:
    return str(aws.client("sagemaker").describe_app(**APP)["Status"])


def test_a_deleted_app_is_deleting_then_deleted_then_gone(aws: FakeAws) -> None:
    aws.client("sagemaker").delete_app(**APP)
    assert status(aws) == "Deleting"
    aws.clock.passed += 90
    assert status(aws) == "Deleted"
    with pytest.raises(ClientError) as caught:
        aws.client("sagemaker").delete_app(**APP)
    assert kind(caught.value) is Kind.GONE
    aws.clock.passed += 24 * 3600
    assert aws.client("sagemaker").list_apps(DomainIdEquals="d-own") == {"Apps": []}


def test_what_is_in_use_cannot_be_deleted(aws: FakeAws) -> None:
    client = aws.client("sagemaker")
    refused: list[tuple[Callable[..., Any], dict[str, str]]] = [
        (client.delete_space, {"SpaceName": "lab"}),
        (client.delete_user_profile, {"UserProfileName": "ana"}),
        (client.delete_domain, {}),
    ]
    for delete, named in refused:
        with pytest.raises(ClientError) as caught:
            delete(DomainId="d-own", **named)
        assert kind(caught.value) is Kind.IN_USE


def test_everything_can_be_deleted_in_its_order(aws: FakeAws) -> None:
    client = aws.client("sagemaker")
    client.delete_app(**APP)
    aws.clock.passed += 90
    client.delete_space(DomainId="d-own", SpaceName="lab")
    aws.clock.passed += 30
    client.delete_user_profile(DomainId="d-own", UserProfileName="ana")
    aws.clock.passed += 30
    client.delete_domain(DomainId="d-own")
    aws.clock.passed += 120
    assert client.list_domains()["Domains"] == []


def test_a_call_that_aws_would_not_take_is_a_failure_of_the_test(aws: FakeAws) -> None:
    with pytest.raises(AssertionError, match="DomainIdEqual"):
        aws.client("sagemaker").list_apps(DomainIdEqual="d-own")


def test_a_crash_leaves_no_effect_before_a_call_and_its_effect_after_it(aws: FakeAws) -> None:
    aws.crash_before(0)
    with pytest.raises(Crash):
        aws.client("sagemaker").delete_app(**APP)
    assert len(aws.sagemaker.running("d-own")) == 1
    with pytest.raises(Crash):
        status(aws)
    aws.revive()
    aws.crash_after(0)
    with pytest.raises(Crash):
        aws.client("sagemaker").delete_app(**APP)
    assert aws.sagemaker.running("d-own") == []


def test_reads_lag_and_answers_are_lost() -> None:
    clock = FakeClock()
    aws = FakeAws(clock, seed=1, trouble=Trouble(lag=60, unavailable=0.2, lost=0.2, throttled=0.2))
    aws.sagemaker.add_app("d-own", space="lab", created=-1000)
    calls = Calls(clock, deadline=Deadline(clock, 10**6))
    for _ in range(5):
        calls.change(aws.client("sagemaker").delete_app, **APP)
    assert aws.sagemaker.running("d-own") == []
    seen = {calls.read(aws.client("sagemaker").describe_app, **APP)["Status"] for _ in range(20)}
    assert len(seen) > 1
    assert {call.error for call in aws.calls} >= {
        "",
        "ThrottlingException",
        "InternalFailure",
        "ReadTimeoutError",
    }


def test_pages_are_of_one_list_while_things_change(aws: FakeAws) -> None:
    for number in range(250):
        aws.sagemaker.add_space("d-own", f"s{number}")
    client = aws.client("sagemaker")
    calls = Calls(aws.clock)
    names = []
    for space in calls.pages(client.list_spaces, "Spaces", DomainIdEquals="d-own", MaxResults=100):
        names.append(space["SpaceName"])
        aws.sagemaker.add_space("d-own", f"new-{space['SpaceName']}")
    assert len(names) == len(set(names)) == 251
    assert len(aws.calls) == 3


def test_tags_of_the_account_are_found_by_type_and_value(aws: FakeAws) -> None:
    for number in range(60):
        aws.sagemaker.add_endpoint(f"e{number}", studio__domain="own")
    aws.sagemaker.add_endpoint("foreign", studio__domain="foreign")
    aws.sagemaker.add_endpoint("untagged")
    pages = Calls(aws.clock).pages(
        aws.client("resourcegroupstaggingapi").get_resources,
        "ResourceTagMappingList",
        token="PaginationToken",  # noqa: S106 - of the next page
        ResourceTypeFilters=["sagemaker:endpoint"],
        TagFilters=[{"Key": "studio:domain", "Values": ["own"]}],
    )
    found = [one["ResourceARN"] for one in pages]
    assert len(found) == 60
    assert not any("foreign" in arn for arn in found)
