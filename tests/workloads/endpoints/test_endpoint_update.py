"""Updates: each way in CloudFormation's words, understood by the service or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sagemaker as sagemaker

from studio_infra.errors import InvalidInput
from studio_infra.workloads import Capacity, EndpointUpdate
from tests.workloads.botocore_shapes import problems
from tests.workloads.templates import only, resources

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTES = cdk.Duration.minutes


@pytest.mark.parametrize(
    "make",
    [
        lambda alarms: EndpointUpdate.all_at_once(keep_old=MINUTES(30), rollback_on=alarms),
        lambda alarms: EndpointUpdate.canary(Capacity.instances(1), rollback_on=alarms),
        lambda alarms: EndpointUpdate.linear(Capacity.percent(25), wait=MINUTES(1), rollback_on=alarms),
        lambda alarms: EndpointUpdate.rolling(Capacity.percent(50), wait=MINUTES(1), rollback_on=alarms),
    ],
    ids=["all at once", "canary", "linear", "rolling"],
)
def test_every_way_is_a_request_that_the_service_understands(
    stack: cdk.Stack, make: Callable[..., Any]
) -> None:
    alarm = cloudwatch.Alarm.from_alarm_arn(stack, "Alarm", "arn:aws:cloudwatch:eu-west-1:1:alarm:errors")
    sagemaker.CfnEndpoint(stack, "E", endpoint_config_name="c", deployment_config=make([alarm]).config)
    config = only(resources(stack), "AWS::SageMaker::Endpoint")["DeploymentConfig"]
    assert list(problems("DeploymentConfig", config)) == []
    assert config["AutoRollbackConfiguration"] == {"Alarms": [{"AlarmName": "errors"}]}


def test_no_alarm_means_no_rollback(stack: cdk.Stack) -> None:
    update = EndpointUpdate.all_at_once()
    sagemaker.CfnEndpoint(stack, "E", endpoint_config_name="c", deployment_config=update.config)
    assert only(resources(stack), "AWS::SageMaker::Endpoint")["DeploymentConfig"].keys() == {
        "BlueGreenUpdatePolicy"
    }


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: EndpointUpdate.canary(Capacity.percent(51)), "a canary must be 1-50 percent, got 51"),
        (lambda: EndpointUpdate.linear(Capacity.percent(9)), "a step must be 10-50 percent, got 9"),
        (lambda: EndpointUpdate.rolling(Capacity.percent(4)), "a batch must be 5-50 percent, got 4"),
        (lambda: EndpointUpdate.canary(Capacity.instances(0)), "at least 1 instance, got 0"),
        (
            lambda: EndpointUpdate.all_at_once(keep_old=MINUTES(61)),
            "keep_old can be an hour long, got 1 hour 1 minute",
        ),
        (
            lambda: EndpointUpdate.rolling(Capacity.percent(5), wait=cdk.Duration.days(1)),
            "wait can be an hour long",
        ),
    ],
)
def test_what_the_service_would_refuse_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        make()


def test_eleven_alarms_are_refused(stack: cdk.Stack) -> None:
    alarm = cloudwatch.Alarm.from_alarm_arn(stack, "Alarm", "arn:aws:cloudwatch:eu-west-1:1:alarm:errors")
    with pytest.raises(InvalidInput, match="at most 10 alarms can roll an update back, got 11"):
        EndpointUpdate.all_at_once(rollback_on=[alarm] * 11)


def test_a_percentage_that_is_a_token_passes(stack: cdk.Stack) -> None:
    share = cdk.CfnParameter(stack, "Share", type="Number").value_as_number
    EndpointUpdate.canary(Capacity.percent(share))
