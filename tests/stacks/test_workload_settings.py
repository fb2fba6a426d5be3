"""What `[training.NAME]` and `[tracking.NAME]` of the settings do to the stacks."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from pydantic import ValidationError

from studio_infra.settings import StudioSettings, load_settings
from studio_infra.settings.sections.tracking import TrackingSettings
from studio_infra.settings.sections.workloads import TrainingSettings
from studio_infra.stacks import add_stacks
from tests.workloads.templates import text

PRODUCTION = load_settings(Path(__file__).parents[2] / "settings" / "production.toml")
WEAK = {"@aws-cdk/core:defaultCrossStackReferences": "weak"}
Template = dict[str, Any]


def settings(*, tracking: dict[str, Any] | None = None, **training: Any) -> StudioSettings:
    """The production settings with three people, one training and no endpoints."""
    churn = PRODUCTION.training["churn"].model_dump(exclude_unset=True) | training
    values = dict(PRODUCTION) | {
        "roster": PRODUCTION.roster[:3],
        "endpoints": {},
        "training": {"churn": churn},
    }
    return StudioSettings.model_validate(values | {"tracking": tracking or {}})


def templates(made: StudioSettings) -> dict[str, Template]:
    app = cdk.App(context=WEAK)
    stacks = add_stacks(app, made)
    assembly = app.synth()
    return {
        stack.stack_name.removeprefix("research-"): assembly.get_stack_by_name(stack.stack_name).template
        for stack in stacks.all
    }


def of_type(kind: str, template: Template) -> list[dict[str, Any]]:
    return [one["Properties"] for one in template["Resources"].values() if one["Type"] == kind]


def training_job(template: Template) -> dict[str, Any]:
    (pipeline,) = of_type("AWS::SageMaker::Pipeline", template)
    body = pipeline["PipelineDefinition"]["PipelineDefinitionBody"]
    parts = body["Fn::Join"][1]
    joined = "".join(part if isinstance(part, str) else "<token>" for part in parts)
    step: dict[str, Any] = json.loads(joined)["Steps"][0]
    return step


def test_a_schedule_and_new_data_start_the_pipeline() -> None:
    made = templates(
        settings(
            schedule="cron(0 6 ? * MON *)",
            time_zone="Europe/Zurich",
            start_on_new_data=True,
            new_data_suffix="_SUCCESS",
        )
    )
    (schedule,) = of_type("AWS::Scheduler::Schedule", made["workloads"])
    assert schedule["ScheduleExpressionTimezone"] == "Europe/Zurich"
    (rule,) = of_type("AWS::Events::Rule", made["workloads"])
    assert rule["EventPattern"]["detail"]["object"]["key"] == [
        {"wildcard": "teams/forecasting/churn/train*_SUCCESS"}
    ]
    told = [
        one["NotificationConfiguration"]
        for one in of_type("AWS::S3::Bucket", made["studio"])
        if "NotificationConfiguration" in one
    ]
    assert told == [{"EventBridgeConfiguration": {"EventBridgeEnabled": True}}]


def test_nothing_said_starts_nothing_and_tells_the_topic_of_failures() -> None:
    made = templates(settings())
    assert of_type("AWS::Scheduler::Schedule", made["workloads"]) == []
    assert of_type("AWS::Events::Rule", made["workloads"]) == []
    failures = [
        one
        for one in of_type("AWS::Events::Rule", made["operations"])
        if one.get("EventPattern", {}).get("source") == ["aws.sagemaker"]
    ]
    (failure,) = failures
    assert failure["EventPattern"]["detail"]["currentPipelineExecutionStatus"] == ["Failed"]
    (arn,) = failure["EventPattern"]["detail"]["pipelineArn"]
    assert text(arn).endswith(":pipeline/research-churn")
    (target,) = failure["Targets"]
    assert "Alerts" in text(target["Arn"])
    (key,) = of_type("AWS::KMS::Key", made["studio"])
    for statement in key["KeyPolicy"]["Statement"]:
        if statement["Principal"].get("Service") == "events.amazonaws.com":
            assert statement["Condition"]["StringEquals"]["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_nobody_hears_of_failures_where_nobody_wants_to() -> None:
    rules = of_type("AWS::Events::Rule", templates(settings(notify_failures=False))["operations"])
    assert [rule for rule in rules if rule.get("EventPattern", {}).get("source") == ["aws.sagemaker"]] == []


def test_warm_machines_many_machines_and_a_cache_reach_the_training() -> None:
    made = templates(
        settings(
            spot=False,
            max_wait_minutes=None,
            keep_warm_minutes=30,
            distribution="torchrun",
            instance_count=4,
            cache_days=30,
        )
    )
    step = training_job(made["workloads"])
    assert step["CacheConfig"]["ExpireAfter"] == f"PT{timedelta(days=30).days * 24}H"
    resources = step["Arguments"]["ResourceConfig"]
    assert (resources["KeepAlivePeriodInSeconds"], resources["InstanceCount"]) == (1800, 4)
    assert step["Arguments"]["HyperParameters"]["sagemaker_torch_distributed_enabled"] == "true"


def test_a_teams_tracking_is_serverless_unless_it_says_otherwise() -> None:
    made = templates(
        settings(
            tracking={
                "vision": {"team": "vision"},
                "all": {"team": "forecasting", "kind": "server", "owner": PRODUCTION.roster[0].user_name},
            }
        )
    )["workloads"]
    (app,) = of_type("AWS::SageMaker::MlflowApp", made)
    assert app["Name"] == "research-vision"
    assert {"Key": "studio:team", "Value": "vision"} in app["Tags"]
    (server,) = of_type("AWS::SageMaker::MlflowTrackingServer", made)
    assert (server["TrackingServerName"], server["TrackingServerSize"]) == ("research-all", "Small")
    assert {"Key": "studio:owner", "Value": PRODUCTION.roster[0].user_name} in server["Tags"]


def test_the_jobs_of_a_team_may_log_to_its_own_tracking() -> None:
    statements = [
        statement
        for one in of_type("AWS::IAM::ManagedPolicy", templates(settings())["studio"])
        for statement in one["PolicyDocument"]["Statement"]
        if statement.get("Sid") in {"LogToTheTeamsServers", "LogToTheTeamsApps"}
    ]
    teams = {
        statement["Condition"]["StringEquals"]["aws:ResourceTag/studio:team"] for statement in statements
    }
    assert teams == {"forecasting", "platform", "vision"}


@pytest.mark.parametrize(
    ("training", "message"),
    [
        ({"keep_warm_minutes": 30}, "spot machines cannot be kept"),
        ({"time_zone": "Europe/Zurich"}, "there is no schedule"),
        ({"schedule": "every monday"}, "no schedule"),
        ({"schedule": "rate(7 days)", "time_zone": "Mars"}, "no time zone"),
        ({"new_data_suffix": "_SUCCESS"}, "new data does not start it"),
        ({"keep_warm_minutes": 361, "spot": False}, "keep_warm_minutes"),
        ({"distribution": "horovod"}, "distribution"),
    ],
)
def test_a_training_that_contradicts_itself_is_refused(training: dict[str, Any], message: str) -> None:
    given = {
        "team": "vision",
        "image": PRODUCTION.training["churn"].image,
        "instance_type": "ml.m5.xlarge",
        "input_prefix": "x",
    }
    with pytest.raises(ValidationError, match=message):
        TrainingSettings.model_validate(given | training)


@pytest.mark.parametrize(
    ("tracking", "message"),
    [
        ({"kind": "server"}, "name the person who is asked about the server"),
        ({"owner": "ana"}, "is for servers"),
        ({"size": "Small"}, "is for servers"),
        ({"kind": "server", "owner": "ana", "size": "Huge"}, "size"),
    ],
)
def test_tracking_that_contradicts_itself_is_refused(tracking: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        TrackingSettings.model_validate({"team": "vision"} | tracking)


@pytest.mark.parametrize(
    ("tracking", "message"),
    [
        ({"x": {"team": "nobody"}}, "no such team"),
        ({"x": {"team": "vision", "kind": "server", "owner": "nobody"}}, "not in the roster"),
        ({"a-1": {"team": "vision"}, "a1": {"team": "vision"}}, "becomes A1 in templates"),
    ],
)
def test_tracking_that_does_not_fit_the_rest_is_refused(tracking: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        settings(tracking=tracking)


def test_what_a_training_is_given_reaches_its_job_and_its_version() -> None:
    made = templates(
        settings(
            channels={"validation": "churn/validation"},
            input_mode="FastFile",
            content_type="text/csv",
            environment={"LEVEL": "info"},
            metrics={"auc": "validation-auc:([0-9.]+)"},
            code="s3://models/code/sourcedir.tar.gz",
            entry_point="learn.py",
            private_registry=True,
            network_isolation=False,
            approval="approved",
        )
    )["workloads"]
    job = training_job(made)["Arguments"]
    channels = {one["ChannelName"]: one for one in job["InputDataConfig"]}
    assert sorted(channels) == ["code", "train", "validation"]
    source = channels["validation"]["DataSource"]["S3DataSource"]["S3Uri"]
    assert source.endswith("/teams/forecasting/churn/validation")
    assert (channels["train"]["InputMode"], channels["train"]["ContentType"]) == ("FastFile", "text/csv")
    assert job["Environment"] == {"LEVEL": "info"}
    algorithm = job["AlgorithmSpecification"]
    assert algorithm["MetricDefinitions"] == [{"Name": "auc", "Regex": "validation-auc:([0-9.]+)"}]
    assert algorithm["TrainingImageConfig"] == {"TrainingRepositoryAccessMode": "Vpc"}
    assert job["HyperParameters"]["sagemaker_program"].strip('"') == "learn.py"
    assert job["EnableNetworkIsolation"] is False
    assert '"Approved"' in json.dumps(of_type("AWS::SageMaker::Pipeline", made)).replace("\\", "")
