"""Endpoints as the settings describe them: each kind reaches its constructs, and Security Hub's controls are met."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from studio_infra.settings import EndpointSettings, load_settings
from studio_infra.settings.sections.workloads import TrainingSettings
from studio_infra.stacks import add_stacks
from tests.workloads.templates import only

if TYPE_CHECKING:
    from studio_infra.settings.fields.base import Section

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
#: Every part of an endpoint, in endpoints beside each other: one synthesis shows them all.
PARTS = """\
instance_type = "ml.m5.large"
expires = 2027-06-30
extendable_days = 14
private_registry = true
environment = { LEVEL = "info" }
model_data = "s3://models/churn/1.tar.gz"
weight = 9.0
data_capture_percent = 50
[endpoints.churn.variants.next]
model_data = "s3://models/churn/2.tar.gz"
instance_type = "ml.g5.xlarge"
weight = 1.0
max_instances = 2
min_instances = 1
[endpoints.churn.scaling]
scale_in_seconds = 900
schedule = [{ name = "night", expression = "cron(0 20 * * ? *)", time_zone = "Europe/Zurich", max_instances = 1 }]
[endpoints.churn.monitors.data_quality]
image = "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer"
constraints = "s3://models/churn/constraints.json"
statistics = "s3://models/churn/statistics.json"
schedule = "cron(0 6 ? * * *)"
[endpoints.churn.monitors.model_quality]
image = "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer"
problem = "Regression"
ground_truth = "s3://models/churn/truth/"
answer = "0"
[endpoints.churn.monitors.bias]
image = "205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify-processing:1.0"
config = "s3://models/churn/clarify.json"
ground_truth = "s3://models/churn/truth/"
[endpoints.churn.monitors.explainability]
image = "205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify-processing:1.0"
config = "s3://models/churn/clarify.json"
network_isolation = false
[endpoints.shadowed]
team = "platform"
owner = "ana"
image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:1"
instance_type = "ml.m5.large"
expires = "forever"
[endpoints.shadowed.shadow]
image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:2"
instances = 3
[endpoints.many]
team = "platform"
owner = "ana"
image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:1"
model_data = "s3://models/many/"
many_models = true
keep_models = false
instance_type = "ml.m5.large"
expires = "forever"
[endpoints.several]
team = "platform"
owner = "ana"
direct = true
instance_type = "ml.m5.large"
expires = "forever"
[[endpoints.several.containers]]
name = "first"
image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/first:1"
[[endpoints.several.containers]]
name = "second"
image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/second:1"
[endpoints.slow]
team = "platform"
owner = "ana"
kind = "async"
image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:1"
instance_type = "ml.m5.large"
expires = "forever"
[endpoints.slow.asynchronous]
max_concurrent = 4
error_topic = "arn:aws:sns:us-east-1:123456789012:failures"
[endpoints.together]
team = "platform"
owner = "ana"
kind = "components"
instance_type = "ml.g5.2xlarge"
max_instances = 3
expires = 2027-06-30
[endpoints.together.components.small]
image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/small:1"
memory_mb = 4096
max_copies = 5
[endpoints.together.components.large]
image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/large:1"
memory_mb = 16384
accelerators = 1
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


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The workloads of an endpoint of every kind, by type and logical id."""
    workloads, _ = synthesize(tmp_path_factory.mktemp("parts"), PARTS)
    found: dict[str, dict[str, Any]] = {}
    for logical_id, resource in workloads.items():
        found.setdefault(resource["Type"], {})[logical_id] = resource["Properties"]
    return found


@pytest.mark.parametrize("page", ["endpoints", "training"])
def test_the_tables_that_the_documentation_shows_are_good(page: str) -> None:
    models: dict[str, type[Section]] = {"endpoints": EndpointSettings, "training": TrainingSettings}
    text = (Path(__file__).parents[2] / "docs" / "how-to" / f"{page}.md").read_text(encoding="utf-8")
    shown = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    tables = [
        (models[section], table)
        for block in shown
        for section, named in tomllib.loads(block).items()
        for table in named.values()
    ]
    assert tables
    for model, table in tables:
        model.model_validate(table)


def of(parts: dict[str, dict[str, Any]], kind: str, begins: str) -> Any:
    (found,) = [one for logical_id, one in parts[kind].items() if logical_id.startswith(begins)]
    return found


def test_variants_share_requests_by_weight_and_scale_each_for_themselves(parts: Any) -> None:
    own, other = of(parts, CONFIG, "ChurnEndpoint")["ProductionVariants"]
    assert (own["VariantName"], own["InitialVariantWeight"], own["InstanceType"]) == (
        "primary",
        9,
        "ml.m5.large",
    )
    assert (other["VariantName"], other["InitialVariantWeight"], other["InstanceType"]) == (
        "next",
        1,
        "ml.g5.xlarge",
    )
    container = of(parts, "AWS::SageMaker::Model", "ChurnNextVariantModel")["PrimaryContainer"]
    assert container["ModelDataUrl"] == "s3://models/churn/2.tar.gz"
    # The image and its variables are the endpoint's; pulled as the settings say.
    assert container["Image"].endswith("/churn:1")
    assert container["Environment"] == {"LEVEL": "info"}
    assert container["ImageConfig"] == {"RepositoryAccessMode": "Vpc"}
    targets = parts["AWS::ApplicationAutoScaling::ScalableTarget"]
    bounds = {
        logical_id: (target["MinCapacity"], target["MaxCapacity"])
        for logical_id, target in targets.items()
        if logical_id.startswith("ChurnEndpoint")
    }
    assert sorted(bounds.values()) == [(1, 2), (2, 4)]
    (night,) = of(parts, "AWS::ApplicationAutoScaling::ScalableTarget", "ChurnEndpointScalingprimary")[
        "ScheduledActions"
    ]
    assert night == {
        "ScheduledActionName": "night",
        "Schedule": "cron(0 20 * * ? *)",
        "Timezone": "Europe/Zurich",
        "ScalableTargetAction": {"MaxCapacity": 1},
    }
    policy = of(parts, "AWS::ApplicationAutoScaling::ScalingPolicy", "ChurnEndpointScalingprimary")
    assert policy["TargetTrackingScalingPolicyConfiguration"]["ScaleInCooldown"] == 900
    tags = {tag["Key"]: tag["Value"] for tag in of(parts, ENDPOINT, "ChurnEndpoint")["Tags"]}
    assert tags["studio:extendable-days"] == "14"


def test_a_shadow_many_models_and_several_containers_reach_their_constructs(parts: Any) -> None:
    (hidden,) = of(parts, CONFIG, "ShadowedEndpoint")["ShadowProductionVariants"]
    assert (hidden["InitialInstanceCount"], hidden["InstanceType"]) == (3, "ml.m5.large")
    shadowed = of(parts, "AWS::SageMaker::Model", "ShadowedShadowModel")["PrimaryContainer"]
    assert shadowed["Image"].endswith("/churn:2")
    assert "ModelDataUrl" not in shadowed
    many = of(parts, "AWS::SageMaker::Model", "ManyModel")["PrimaryContainer"]
    assert (many["Mode"], many["MultiModelConfig"]) == ("MultiModel", {"ModelCacheSetting": "Disabled"})
    several = of(parts, "AWS::SageMaker::Model", "SeveralModel")
    assert [(one["ContainerHostname"], one["Image"].rpartition("/")[2]) for one in several["Containers"]] == [
        ("first", "first:1"),
        ("second", "second:1"),
    ]
    assert several["InferenceExecutionConfig"] == {"Mode": "Direct"}


def test_an_asynchronous_one_works_on_so_many_at_a_time_and_tells_a_topic(parts: Any) -> None:
    wanted = of(parts, CONFIG, "SlowEndpoint")["AsyncInferenceConfig"]
    assert wanted["ClientConfig"] == {"MaxConcurrentInvocationsPerInstance": 4}
    assert wanted["OutputConfig"]["NotificationConfig"] == {
        "ErrorTopic": "arn:aws:sns:us-east-1:123456789012:failures"
    }


def test_components_share_machines_that_go_to_none_and_carry_owner_and_team(parts: Any) -> None:
    (shared,) = of(parts, CONFIG, "TogetherEndpoint")["ProductionVariants"]
    assert shared["ManagedInstanceScaling"] == {
        "Status": "ENABLED",
        "MinInstanceCount": 0,
        "MaxInstanceCount": 3,
    }
    small = of(parts, "AWS::SageMaker::InferenceComponent", "TogetherSmallComponent")
    assert small["Specification"]["ComputeResourceRequirements"] == {"MinMemoryRequiredInMb": 4096}
    tags = {tag["Key"]: tag["Value"] for tag in small["Tags"]}
    assert (tags["studio:owner"], tags["studio:team"]) == ("ana", "platform")
    target = of(parts, "AWS::ApplicationAutoScaling::ScalableTarget", "TogetherSmallComponent")
    assert (target["MinCapacity"], target["MaxCapacity"]) == (0, 5)
    large = of(parts, "AWS::SageMaker::InferenceComponent", "TogetherLargeComponent")
    requirements = large["Specification"]["ComputeResourceRequirements"]
    assert requirements["NumberOfAcceleratorDevicesRequired"] == 1


def test_the_four_monitors_look_when_the_settings_say(parts: Any) -> None:
    schedules = {
        one["MonitoringScheduleConfig"]["MonitoringType"]: one["MonitoringScheduleConfig"]["ScheduleConfig"]
        for one in parts["AWS::SageMaker::MonitoringSchedule"].values()
    }
    hourly = {"ScheduleExpression": "cron(0 * ? * * *)"}
    assert schedules == {
        "DataQuality": {"ScheduleExpression": "cron(0 6 ? * * *)"},
        "ModelQuality": hourly,
        "ModelBias": hourly,
        "ModelExplainability": hourly,
    }
    (data,) = parts["AWS::SageMaker::DataQualityJobDefinition"].values()
    assert data["DataQualityBaselineConfig"] == {
        "ConstraintsResource": {"S3Uri": "s3://models/churn/constraints.json"},
        "StatisticsResource": {"S3Uri": "s3://models/churn/statistics.json"},
    }
    (explained,) = parts["AWS::SageMaker::ModelExplainabilityJobDefinition"].values()
    assert explained["NetworkConfig"]["EnableNetworkIsolation"] is False
    (quality,) = parts["AWS::SageMaker::ModelQualityJobDefinition"].values()
    assert quality["NetworkConfig"]["EnableNetworkIsolation"] is True
    assert quality["ModelQualityJobInput"]["EndpointInput"]["InferenceAttribute"] == "0"
