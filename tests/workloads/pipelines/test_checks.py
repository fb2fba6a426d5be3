"""Checks of data and models, steps on clusters, and steps that have no class here."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.errors import InvalidInput
from studio_infra.workloads.pipelines.pipeline_definition import (
    Cache,
    ClarifyCheck,
    ClarifyCheckStep,
    CreateModelStep,
    DataQualityCheckStep,
    EmrStep,
    ModelQualityCheckStep,
    OtherStep,
    Parameter,
    Step,
)
from studio_infra.workloads.pipelines.pipeline_definition.steps.checks.quality import json_lines
from tests.workloads.botocore_shapes import problems
from tests.workloads.conftest import IMAGE
from tests.workloads.pipelines.test_pipeline_definition import REQUESTS, arguments, register, render, train
from tests.workloads.pipelines.test_training_pipeline import pipeline
from tests.workloads.templates import resources, statements, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    import aws_cdk as cdk

    from tests.workloads.conftest import Place

DATA = "s3://b/train"


def data_quality(**options: Any) -> DataQualityCheckStep:
    given: dict[str, Any] = {"name": "Data", "image": IMAGE, "data": DATA}
    return DataQualityCheckStep(**(given | options))


def model_quality(**options: Any) -> ModelQualityCheckStep:
    given: dict[str, Any] = {"name": "Quality", "image": IMAGE, "data": DATA, "problem": "Regression"}
    return ModelQualityCheckStep(**(given | options))


def clarify(**options: Any) -> ClarifyCheckStep:
    given: dict[str, Any] = {
        "name": "Clarify",
        "image": IMAGE,
        "data": DATA,
        "config": "s3://b/clarify.json",
        "looks_at": ClarifyCheck.DATA_BIAS,
    }
    return ClarifyCheckStep(**(given | options))


def about_a_model(looks_at: ClarifyCheck = ClarifyCheck.MODEL_BIAS, **options: Any) -> ClarifyCheckStep:
    given = {"model_name": "churn", "endpoint_prefix": "vision-clarify", "network_isolation": False}
    return clarify(looks_at=looks_at, **(given | options))


CHECKS: dict[str, Step] = {
    "data quality": data_quality(
        data_format=json_lines(),
        group_name="churn",
        skip=Parameter("First", default=False),
        fail_on_violation=False,
        register_new_baseline=True,
        constraints="s3://b/constraints.json",
        statistics="s3://b/statistics.json",
        before_script="s3://b/code/before.py",
        after_script="s3://b/code/after.sh",
        results="s3://b/findings",
        instance_type="ml.m5.4xlarge",
        instance_count=1,
        max_runtime=timedelta(minutes=30),
        volume_gb=50,
        cache=Cache(valid_for=timedelta(days=1)),
        description="Looks at the data",
    ),
    "plain data quality": data_quality(),
    "model quality": model_quality(
        problem="BinaryClassification",
        answer="prediction",
        truth="left",
        probability="probability",
        threshold="0.5",
        data=train().model,
    ),
    "data bias": clarify(group_name="churn", cache=Cache(valid_for=timedelta(days=1))),
    "model bias": about_a_model(),
    "explainability": about_a_model(ClarifyCheck.EXPLAINABILITY, constraints="s3://b/constraints.json"),
}
#: What has no request of SageMaker's API, or none that a class writes.
OTHERS: dict[str, Step] = {
    "cluster": EmrStep(
        name="Spark",
        cluster_id="j-2AXXXXXXGAPLF",
        jar="command-runner.jar",
        program_arguments=("spark-submit", "s3://b/code/clean.py"),
        main_class="example.Clean",
        properties={"level": "info"},
        runtime_role_arn="arn:aws:iam::123456789012:role/spark",
        cache=Cache(valid_for=timedelta(days=1)),
    ),
    "auto ml": OtherStep(
        name="Best",
        type="AutoML",
        request={
            "InputDataConfig": [
                {
                    "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": DATA}},
                    "TargetAttributeName": "left",
                }
            ],
            "OutputDataConfig": {"S3OutputPath": "s3://b/best"},
            "RoleArn": "arn:aws:iam::123456789012:role/automl",
            "AutoMLJobConfig": {"Mode": "ENSEMBLING"},
        },
    ),
}


@pytest.mark.parametrize("step", [*CHECKS.values(), OTHERS["auto ml"]], ids=[*CHECKS, "auto ml"])
def test_every_option_is_a_request_that_the_service_understands(step: Step) -> None:
    shape, made_up = REQUESTS[step.TYPE or "AutoML"]
    assert list(problems(shape, arguments(step), without=frozenset({made_up}))) == []


def test_a_check_compares_with_the_latest_approved_version_and_ends_the_execution_by_default() -> None:
    step = render(data_quality(group_name="churn"))["Steps"][0]
    assert {key: step[key] for key in step.keys() - {"Name", "Arguments"}} == {
        "Type": "QualityCheck",
        "CheckType": "DATA_QUALITY",
        "ModelPackageGroupName": "churn",
        "SkipCheck": False,
        "FailOnViolation": True,
        "RegisterNewBaseline": False,
    }
    assert step["Arguments"]["NetworkConfig"]["EnableNetworkIsolation"] is True


def test_a_version_is_registered_with_what_was_measured_and_what_the_next_are_compared_with() -> None:
    made = CreateModelStep(name="Model", image=IMAGE, model_data=train().model)
    quality, bias = data_quality(), clarify()
    answers = about_a_model(name="Answers", model_name=made.model_name)
    step = register(checks=(quality, bias, answers))
    assert step.waits_for >= {"Data", "Clarify", "Answers"}
    rendered = arguments(step)
    assert rendered["ModelMetrics"]["ModelDataQuality"]["Statistics"] == {
        "ContentType": "application/json",
        "S3Uri": {"Get": "Steps.Data.CalculatedBaselineStatistics"},
    }
    baselines = rendered["DriftCheckBaselines"]
    assert {kind: sorted(parts) for kind, parts in baselines.items()} == {
        "ModelDataQuality": ["Constraints", "Statistics"],
        "Bias": ["PostTrainingConstraints", "PreTrainingConstraints"],
    }
    assert baselines["Bias"]["PostTrainingConstraints"]["S3Uri"] == {
        "Get": "Steps.Answers.BaselineUsedForDriftCheckConstraints"
    }
    assert list(problems("CreateModelPackageInput", rendered)) == []
    # The pipeline is one that SageMaker takes: nothing waits in a circle.
    assert len(render(train(), made, quality, bias, answers, step)["Steps"]) == 6


def test_the_pipeline_may_look_at_the_versions_of_the_group_and_at_the_baseline(
    stack: cdk.Stack, place: Place
) -> None:
    pipeline(stack, place, data_quality(group_name="Churn", constraints="s3://b/constraints.json"))
    allowed = statements(resources(stack), "ChurnRole")
    assert {text.rpartition(":")[2] for text in texts(allowed["FindBaselines"]["Resource"])} == {
        "model-package-group/churn",
        "model-package/churn/*",
    }
    assert [text.rpartition(":")[2] for text in texts(allowed["ReadBaselines"]["Resource"])] == [
        "b/constraints.json*"
    ]


def test_only_clarifys_own_endpoints_are_within_reach_of_its_job(stack: cdk.Stack, place: Place) -> None:
    pipeline(stack, place, about_a_model())
    allowed = statements(resources(stack), "ChurnJobRole")
    assert {text.rpartition(":")[2] for text in texts(allowed["AskModelsOfItsOwn"]["Resource"])} == {
        "endpoint/vision-clarify*",
        "endpoint-config/vision-clarify*",
    }


def test_a_program_runs_on_its_cluster_and_no_other(stack: cdk.Stack, place: Place) -> None:
    pipeline(stack, place, OTHERS["cluster"])
    allowed = statements(resources(stack), "ChurnRole")
    (cluster,) = texts(allowed["RunOnClusters"]["Resource"])
    assert cluster.endswith(":cluster/j-2AXXXXXXGAPLF")
    assert texts(allowed["HandRolesToPrograms"]["Resource"]) == ["arn:aws:iam::123456789012:role/spark"]
    assert "RunProcessing" not in allowed


def test_a_step_without_a_class_is_written_as_it_was_given() -> None:
    step = OtherStep(
        name="Any", type="Lineage", request={"Model": train().model}, members={"Associations": []}
    )
    assert render(train(), step)["Steps"][1] == {
        "Name": "Any",
        "Type": "Lineage",
        "Arguments": {"Model": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}},
        "Associations": [],
    }
    assert step.result("Arn").to_json() == {"Get": "Steps.Any.Arn"}


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "no place": (lambda: data_quality(data="/data"), "data must be like s3://bucket/folder"),
    "too long": (lambda: data_quality(max_runtime=timedelta(days=30)), "max_runtime is 1 second to 9 days"),
    "no machine": (lambda: data_quality(instance_count=0), "instance_count must be at least 1, got 0"),
    "no problem": (lambda: model_quality(problem="Ranking"), "problem must be one of BinaryClassification"),
    "a model for data": (lambda: clarify(model_name="churn"), "the bias of data needs no model"),
    "no model": (
        lambda: clarify(looks_at=ClarifyCheck.MODEL_BIAS),
        "MODEL_BIAS asks a model: give model_name and endpoint_prefix",
    ),
    "isolated": (lambda: about_a_model(network_isolation=True), "say network_isolation=False"),
    "bad prefix": (lambda: about_a_model(endpoint_prefix="a_b"), "1-40 letters, digits or inner hyphens"),
    "no cluster": (
        lambda: EmrStep(name="Spark", cluster_id="spark", jar="x.jar"),
        'cluster_id must be like "j-2AXXXXXXGAPLF", got',
    ),
    "no type": (lambda: OtherStep(name="Any", type=""), "type must be a step type of SageMaker"),
}


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=REFUSED)
def test_what_could_never_run_is_refused_with_the_name_of_the_step(
    make: Callable[[], object], message: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        make()
    assert message in str(caught.value)
