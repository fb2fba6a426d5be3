"""Endpoints as the settings describe them: each kind reaches its constructs, and Security Hub's controls are met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from studio_infra.settings import load_settings
from studio_infra.stacks import add_stacks
from tests.workloads.templates import only

if TYPE_CHECKING:
    from pathlib import Path

ROOT_SETTINGS = """\
name = "research"
[domain]
auth_mode = "IAM"
network = "VpcOnly"
[idle_shutdown]
after_minutes = 60
[teams.platform]
persona = "ml_engineer"
instance_types = ["ml.t3.medium"]
[people]
roster = "users.csv"
[endpoints.churn]
team = "platform"
owner = "ana"
image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:1"
"""
CONFIG, ENDPOINT = "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Endpoint"


def synthesize(folder: Path, endpoint: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The resources of the workloads and of the operations."""
    (folder / "settings.toml").write_text(ROOT_SETTINGS + endpoint, encoding="utf-8")
    (folder / "users.csv").write_text(
        "user_name,team,full_name,email\nana,platform,Ana,ana@example.com\n", encoding="utf-8"
    )
    stacks = add_stacks(cdk.App(), load_settings(folder / "settings.toml"))
    assert stacks.workloads is not None
    assert stacks.operations is not None
    workloads, operations = (
        Template.from_stack(stack).to_json()["Resources"] for stack in (stacks.workloads, stacks.operations)
    )
    return workloads, operations


def test_an_endpoint_with_hours_and_an_idle_limit_carries_both_and_is_kept_to_them(tmp_path: Path) -> None:
    workloads, operations = synthesize(
        tmp_path,
        """\
instance_type = "ml.m5.large"
lifetime_days = 30
stop_after_idle_hours = 12
office_hours = { start = "08:00", end = "18:00", time_zone = "Europe/Zurich" }
[operations]
endpoint_sweep_minutes = 5
endpoint_notice_hours = 48
""",
    )
    tags = {tag["Key"]: tag["Value"] for tag in only(workloads, ENDPOINT)["Tags"]}
    assert tags == {
        "studio:owner": "ana",
        "studio:team": "platform",
        "studio:lifetime-days": "30",
        "studio:office-hours": "Mon-Fri 08:00-18:00 Europe/Zurich",
        "studio:stop-after-idle-hours": "12",
        "studio:kind": "real_time",
        "studio:variants": "primary",
    }
    schedules = [one for one in operations.values() if one["Type"] == "AWS::Scheduler::Schedule"]
    assert [one["Properties"]["ScheduleExpression"] for one in schedules] == ["rate(5 minutes)"]
    environment = only(operations, "AWS::Lambda::Function")["Environment"]["Variables"]
    assert environment["NOTICE_HOURS"] == "48"


def test_an_asynchronous_one_goes_to_none_and_answers_into_the_teams_folder(tmp_path: Path) -> None:
    workloads, _ = synthesize(
        tmp_path, 'kind = "async"\ninstance_type = "ml.g5.xlarge"\nexpires = "forever"\nmax_instances = 3\n'
    )
    target = only(workloads, "AWS::ApplicationAutoScaling::ScalableTarget")
    assert (target["MinCapacity"], target["MaxCapacity"]) == (0, 3)
    output = only(workloads, CONFIG)["AsyncInferenceConfig"]["OutputConfig"]
    assert str(output["S3OutputPath"]).endswith("/teams/platform/endpoints/churn/answers/']]}")


def test_a_serverless_one_has_memory_and_no_machines(tmp_path: Path) -> None:
    workloads, _ = synthesize(tmp_path, 'kind = "serverless"\nexpires = "forever"\nmemory_mb = 4096\n')
    (variant,) = only(workloads, CONFIG)["ProductionVariants"]
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 4096, "MaxConcurrency": 10}
    assert "AWS::ApplicationAutoScaling::ScalableTarget" not in {one["Type"] for one in workloads.values()}


@pytest.mark.parametrize(
    ("update", "policy"),
    [
        ("all_at_once", "BlueGreenUpdatePolicy"),
        ("canary", "BlueGreenUpdatePolicy"),
        ("linear", "BlueGreenUpdatePolicy"),
        ("rolling", "RollingUpdatePolicy"),
    ],
)
def test_an_update_goes_back_when_the_new_model_answers_with_errors(
    tmp_path: Path, update: str, policy: str
) -> None:
    workloads, _ = synthesize(
        tmp_path,
        f'instance_type = "ml.m5.large"\nexpires = "forever"\nupdate = "{update}"\ndata_capture_percent = 5\n',
    )
    config = only(workloads, ENDPOINT)["DeploymentConfig"]
    assert policy in config
    (alarm,) = [name for name, one in workloads.items() if one["Type"] == "AWS::CloudWatch::Alarm"]
    assert config["AutoRollbackConfiguration"] == {"Alarms": [{"AlarmName": {"Ref": alarm}}]}
    capture = only(workloads, CONFIG)["DataCaptureConfig"]
    assert capture["InitialSamplingPercentage"] == 5
    assert capture["KmsKeyId"]
