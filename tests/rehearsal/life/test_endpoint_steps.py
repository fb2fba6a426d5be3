"""The steps about endpoints on a small stack: what they see, and what they fail at."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.rehearsal.life.stage import Stage, StepFailed
from studio_infra.rehearsal.life.workloads.endpoints import a_new_model_takes_over, endpoints_answer
from tests.rehearsal.conftest import make_role

if TYPE_CHECKING:
    from pathlib import Path

    from studio_infra.rehearsal.server import EmbeddedAws

pytestmark = pytest.mark.slow

ALARM = "errors"


def template(role: str, *, watched: bool, instance: str) -> dict[str, Any]:
    policy = {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": ALARM}]},
    }
    variant = {
        "VariantName": "primary",
        "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
        "InstanceType": instance,
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1,
    }
    properties = {
        "Model": {"ExecutionRoleArn": role, "PrimaryContainer": {"Image": "registry/churn:1"}},
        "EndpointConfig": {"ProductionVariants": [variant]},
        "Endpoint": {
            "EndpointName": "research-churn",
            "EndpointConfigName": {"Fn::GetAtt": ["EndpointConfig", "EndpointConfigName"]},
        }
        | ({"DeploymentConfig": policy} if watched else {}),
    }
    return {
        "Resources": {
            name: {"Type": f"AWS::SageMaker::{name}", "Properties": given}
            for name, given in properties.items()
        }
    }


def stage(aws: EmbeddedAws, folder: Path, *, watched: bool, instance: str = "ml.m5.large") -> Stage:
    """A deployed endpoint of settings that say nothing else."""
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName=ALARM,
        MetricName="Invocation5XXErrors",
        Namespace="AWS/SageMaker",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=5,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudformation = aws.client("cloudformation")
    body = json.dumps(template(make_role(aws), watched=watched, instance=instance))
    cloudformation.create_stack(StackName="research-workloads", TemplateBody=body)
    while cloudformation.describe_stacks()["Stacks"][0]["StackStatus"] != "CREATE_COMPLETE":
        time.sleep(0.02)
    endpoint = SimpleNamespace(kind="real_time", team="vision")
    team = SimpleNamespace(persona="admin")
    settings: Any = SimpleNamespace(
        name="research", endpoints={"churn": endpoint}, teams={"vision": team}, roster=()
    )
    cli: Any = None
    return Stage(aws=aws, cli=cli, settings=settings, settings_file=folder, work=folder)


@pytest.mark.parametrize(
    ("watched", "said"), [(True, "back again when errors rang"), (False, "no update is watched")]
)
def test_the_next_model_answers_and_the_stack_is_as_before(
    aws: EmbeddedAws, tmp_path: Path, *, watched: bool, said: str
) -> None:
    here = stage(aws, tmp_path, watched=watched)
    cloudformation = aws.client("cloudformation")
    before = cloudformation.get_template(StackName="research-workloads")["TemplateBody"]
    assert endpoints_answer(here) == "research-churn"
    assert a_new_model_takes_over(here) == f"research-churn: the next model answered; {said}"
    assert cloudformation.get_template(StackName="research-workloads")["TemplateBody"] == before
    (model,) = aws.client("sagemaker").list_models()["Models"]
    found = aws.client("sagemaker").describe_model(ModelName=model["ModelName"])
    assert found["PrimaryContainer"]["Image"] == "registry/churn:1"


def test_an_alarm_that_sends_nothing_back_fails_the_step(aws: EmbeddedAws, tmp_path: Path) -> None:
    here = stage(aws, tmp_path, watched=True, instance="ml.inf1.xlarge")
    with pytest.raises(StepFailed, match="the stack after an alarm: expected 'UPDATE_ROLLBACK_COMPLETE'"):
        a_new_model_takes_over(here)


def test_an_endpoint_that_does_not_answer_fails_the_step(aws: EmbeddedAws, tmp_path: Path) -> None:
    here = stage(aws, tmp_path, watched=False)
    aws.control.order_fault("InvokeEndpoint", "ModelError", status=424)
    with pytest.raises(here.client("sagemaker-runtime").exceptions.ModelError):
        endpoints_answer(here)
