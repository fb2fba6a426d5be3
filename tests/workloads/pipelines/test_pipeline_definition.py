"""Definitions: what the service is asked to do, and every definition that could never run."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest

from studio_infra.errors import InvalidInput
from studio_infra.workloads.pipelines.pipeline_definition import (
    AnyOf,
    Approval,
    Cache,
    CallbackStep,
    Choice,
    Compare,
    ConditionStep,
    CreateModelStep,
    EvaluationStep,
    FailStep,
    FloatRange,
    Goal,
    InputMode,
    IntegerRange,
    JobSurroundings,
    Join,
    LambdaStep,
    Mpi,
    Not,
    OneOf,
    OutputType,
    Parameter,
    PipelineDefinition,
    ProcessingInput,
    ProcessingOutput,
    ProcessingStep,
    RegisterModelStep,
    Retry,
    RetryOn,
    Scaling,
    Split,
    Step,
    StepProperty,
    Strategy,
    TrainingInput,
    TrainingScript,
    TrainingStep,
    TransformStep,
    TuningStep,
)
from studio_infra.workloads.pipelines.pipeline_definition.values import is_open
from tests.workloads.botocore_shapes import problems
from tests.workloads.conftest import IMAGE

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR = timedelta(hours=1)
AROUND = JobSurroundings(
    role_arn="arn:aws:iam::123456789012:role/job",
    subnet_ids=("subnet-1", "subnet-2"),
    security_group_ids=("sg-1",),
    key_arn="arn:aws:kms:eu-west-1:123456789012:key/k-1",
    bucket="artifacts",
    prefix="pipelines/churn",
    tags={"studio:team": "vision"},
)
#: Step type to the request that its arguments become, and the names in it that SageMaker makes up.
REQUESTS = {
    "Training": ("CreateTrainingJobRequest", "TrainingJobName"),
    "Processing": ("CreateProcessingJobRequest", "ProcessingJobName"),
    "RegisterModel": ("CreateModelPackageInput", ""),
    "Model": ("CreateModelInput", "ModelName"),
    "Tuning": ("CreateHyperParameterTuningJobRequest", "HyperParameterTuningJobName"),
    "Transform": ("CreateTransformJobRequest", "TransformJobName"),
    "QualityCheck": ("CreateProcessingJobRequest", "ProcessingJobName"),
    "ClarifyCheck": ("CreateProcessingJobRequest", "ProcessingJobName"),
    "AutoML": ("CreateAutoMLJobRequest", "AutoMLJobName"),
}
FUNCTION = SimpleNamespace(function_arn="arn:aws:lambda:eu-west-1:123456789012:function:check")
QUEUE = SimpleNamespace(
    queue_url="https://sqs.eu-west-1.amazonaws.com/123456789012/people",
    queue_arn="arn:aws:sqs:eu-west-1:123456789012:people",
    encryption_master_key=SimpleNamespace(key_arn=AROUND.key_arn),
)


def train(**options: Any) -> TrainingStep:
    given: dict[str, Any] = {"image": IMAGE, "instance_type": "ml.m5.xlarge", "max_runtime": HOUR}
    return TrainingStep(**(given | options))


def process(**options: Any) -> ProcessingStep:
    given: dict[str, Any] = {
        "name": "Check",
        "image": IMAGE,
        "instance_type": "ml.m5.large",
        "max_runtime": HOUR,
    }
    return ProcessingStep(**(given | options))


def register(**options: Any) -> RegisterModelStep:
    given: dict[str, Any] = {"group_name": "churn", "image": IMAGE, "model_data": "s3://b/m.tar.gz"}
    return RegisterModelStep(**(given | options))


def tune(**options: Any) -> TuningStep:
    given: dict[str, Any] = {
        "training": train(metrics={"auc": "auc=([0-9.]+)"}),
        "ranges": {"depth": IntegerRange(2, 10)},
        "metric": "auc",
    }
    return TuningStep(**(given | options))


def transform(**options: Any) -> TransformStep:
    given: dict[str, Any] = {
        "model_name": "churn",
        "data": "s3://b/questions",
        "instance_type": "ml.m5.large",
    }
    return TransformStep(**(given | options))


def evaluate(**options: Any) -> EvaluationStep:
    given: dict[str, Any] = {
        "image": IMAGE,
        "instance_type": "ml.m5.large",
        "max_runtime": HOUR,
        "model": train().model,
        "data": "s3://b/test",
    }
    return EvaluationStep(**(given | options))


def render(*steps: Step) -> dict[str, Any]:
    definition = PipelineDefinition(steps=steps).render(AROUND)
    # What is rendered is JSON and nothing else.
    assert json.loads(json.dumps(definition)) == definition
    return definition


def arguments(step: Step) -> dict[str, Any]:
    found: dict[str, Any] = step.render(AROUND)["Arguments"]
    return found


EVERYTHING = {
    "training": train(
        instance_type=Parameter("Kind", "ml.m5.xlarge"),
        instance_count=2,
        max_wait=3 * HOUR,
        hyperparameters={
            "depth": 3,
            "eta": 0.1,
            "shuffle": True,
            "loss": "log",
            "rounds": Parameter("Rounds", 10),
        },
        inputs={
            "train": "s3://b/t",
            "test": TrainingInput(place="s3://b/x", mode=InputMode.FAST_FILE, sharded=True),
        },
        environment={"LEVEL": "info"},
        entrypoint=("python",),
        container_arguments=("train.py",),
        private_registry=True,
        metrics={"auc": "auc=([0-9.]+)"},
        cache=Cache(valid_for=timedelta(days=30)),
        description="Trains",
    ),
    "on demand": train(spot=False, checkpoint_path=None, keep_warm=HOUR),
    "own disks": train(instance_type="ml.g5.xlarge"),
    "processing": process(
        inputs={
            "model": ProcessingInput(
                place=StepProperty("Train", "ModelArtifacts.S3ModelArtifacts"), path="/in"
            )
        },
        outputs={"report": ProcessingOutput(path="/out", property_files={"Figures": "figures.json"})},
        entrypoint=("python3",),
        container_arguments=("--limit", Parameter("Limit", "0.8")),
        environment={"A": "b"},
    ),
    "registration": register(
        inference_instances=("ml.m5.large",),
        transform_instances=("ml.m5.large",),
        approval=Approval.APPROVED,
        model_statistics=Join(("s3://b/statistics.json",)),
        environment={"A": "b"},
        metadata={"commit": "abc"},
    ),
    "many nodes": train(
        instance_count=4,
        distribution=Mpi(processes_per_host=8, options="-x NCCL_DEBUG=INFO"),
        encrypt_between_instances=False,
        script=TrainingScript(source=Join(("s3://b/", Parameter("Code", "v1"), "/sourcedir.tar.gz"))),
        hyperparameters={"epochs": Parameter("Epochs", 3), "name": "x"},
    ),
    "evaluation": evaluate(
        inputs={"more": ProcessingInput(place="s3://b/more", path="/opt/ml/processing/more")},
        outputs={"plots": ProcessingOutput(path="/opt/ml/processing/plots")},
    ),
    "tuning": tune(
        training=train(
            metrics={"loss": "loss=([0-9.]+)"},
            script=TrainingScript(source="s3://b/code/sourcedir.tar.gz"),
            inputs={"train": "s3://b/t"},
            environment={"A": "b"},
        ),
        ranges={
            "depth": IntegerRange(Parameter("Least", 2), 10, Scaling.LINEAR),
            "eta": FloatRange(0.001, 0.3, Scaling.LOGARITHMIC),
            "momentum": FloatRange(0.9, 0.999, Scaling.REVERSE_LOGARITHMIC),
            "optimizer": Choice(("adam", Parameter("Other", "sgd"))),
            "nesterov": Choice((True, False)),
        },
        metric="loss",
        goal=Goal.MINIMIZE,
        max_jobs=Parameter("Trials", 20),
        max_parallel_jobs=4,
        max_runtime=timedelta(hours=5),
        stop_early=True,
        random_seed=7,
        cache=Cache(valid_for=timedelta(days=1)),
    ),
    "tuning on a grid": tune(
        ranges={"depth": Choice((2, 3))}, strategy=Strategy.GRID, max_jobs=None, max_parallel_jobs=1
    ),
    "transform": transform(
        instance_count=3,
        accept="application/json",
        split=Split.NONE,
        join_input=True,
        max_payload_mb=20,
        max_concurrent=2,
        timeout=timedelta(minutes=5),
        retries_per_request=2,
        input_filter="$.features",
        output_filter="$",
        place="s3://b/answers",
        environment={"A": "b"},
        cache=Cache(valid_for=timedelta(days=1)),
    ),
    "model": CreateModelStep(name="Model", image=IMAGE, model_data="s3://b/m.tar.gz", environment={"A": "b"}),
}


#: Calls are no requests of SageMaker's API.
CALLS: dict[str, Step] = {
    "function": LambdaStep(
        name="Ask",
        function=FUNCTION,
        inputs={"model": train().model, "limit": 0.5, "dry": True},
        outputs={"verdict": OutputType.STRING, "ok": OutputType.BOOLEAN, "n": OutputType.INTEGER},
        cache=Cache(valid_for=HOUR),
        description="Asks",
    ),
    "queue": CallbackStep(
        name="Wait", queue=QUEUE, inputs={"who": Parameter("Who", "ana")}, outputs={"x": OutputType.FLOAT}
    ),
}


@pytest.mark.parametrize("step", EVERYTHING.values(), ids=EVERYTHING)
def test_every_option_is_a_request_that_the_service_understands(step: Step) -> None:
    shape, made_up = REQUESTS[step.TYPE]
    assert list(problems(shape, arguments(step), without=frozenset({made_up}))) == []


def test_training_stops_by_itself_and_is_closed_in_by_default() -> None:
    request = arguments(train())
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200}
    assert request["EnableManagedSpotTraining"] is True
    assert request["EnableNetworkIsolation"] is True
    assert request["EnableInterContainerTrafficEncryption"] is True
    assert request["VpcConfig"] == {"Subnets": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}
    assert request["OutputDataConfig"]["KmsKeyId"] == AROUND.key_arn
    assert request["ResourceConfig"]["VolumeKmsKeyId"] == AROUND.key_arn
    assert request["Tags"] == [{"Key": "studio:team", "Value": "vision"}]


def test_checkpoints_of_one_execution_are_never_resumed_by_another() -> None:
    place = arguments(train())["CheckpointConfig"]["S3Uri"]["Std:Join"]
    assert place == {
        "On": "/",
        "Values": ["s3://artifacts/pipelines/churn/checkpoints", {"Get": "Execution.PipelineExecutionId"}],
    }


def test_the_wait_for_spot_never_gets_longer_than_the_service_allows() -> None:
    request = arguments(train(max_runtime=timedelta(days=20)))
    assert request["StoppingCondition"]["MaxWaitTimeInSeconds"] == timedelta(days=28).total_seconds()


def test_no_wait_is_sent_without_spot() -> None:
    assert arguments(train(spot=False))["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}


@pytest.mark.parametrize("kind", ["ml.g5.xlarge", "ml.p4d.24xlarge", Parameter("Kind", "ml.g5.xlarge")])
def test_no_key_is_asked_for_where_the_service_refuses_one(kind: str | Parameter) -> None:
    assert "VolumeKmsKeyId" not in arguments(train(instance_type=kind))["ResourceConfig"]
    cluster = arguments(process(instance_type=kind))["ProcessingResources"]["ClusterConfig"]
    assert "VolumeKmsKeyId" not in cluster


def test_hyperparameters_are_text_for_the_service() -> None:
    given = {
        "n": 3,
        "x": 0.5,
        "yes": True,
        "s": "a",
        "p": Parameter("Depth", 3),
        "t": Parameter("Loss", "log"),
    }
    assert arguments(train(hyperparameters=given))["HyperParameters"] == {
        "n": "3",
        "x": "0.5",
        "yes": "true",
        "s": "a",
        "p": {"Std:Join": {"On": "", "Values": [{"Get": "Parameters.Depth"}]}},
        "t": {"Get": "Parameters.Loss"},
    }


def test_parameters_are_declared_where_they_are_used() -> None:
    kind = Parameter("Kind", "ml.m5.xlarge", allowed=("ml.m5.xlarge", "ml.m5.4xlarge"))
    step = train(
        instance_type=kind, hyperparameters={"a": Parameter("Eta", 0.1), "b": Parameter("Fast", default=True)}
    )
    inner = register(model_data=step.model, metadata={"who": Join(("by ", Parameter("Who", "ana")))})
    gate = ConditionStep(name="Gate", conditions=(Compare(Parameter("Depth", 3), ">", 2),), then=(inner,))
    assert render(step, gate)["Parameters"] == [
        {"Name": "Depth", "Type": "Integer", "DefaultValue": 3},
        {"Name": "Eta", "Type": "Float", "DefaultValue": 0.1},
        {"Name": "Fast", "Type": "Boolean", "DefaultValue": True},
        {
            "Name": "Kind",
            "Type": "String",
            "DefaultValue": "ml.m5.xlarge",
            "EnumValues": ["ml.m5.xlarge", "ml.m5.4xlarge"],
        },
        {"Name": "Who", "Type": "String", "DefaultValue": "ana"},
    ]


def test_jobs_are_tried_again_when_the_service_had_no_machine() -> None:
    retries = render(train())["Steps"][0]["RetryPolicies"]
    assert ["SageMaker.CAPACITY_ERROR"] in [retry["ExceptionType"] for retry in retries]
    assert render(train(retries=()))["Steps"][0].keys() == {"Name", "Type", "Arguments"}


def test_a_cache_is_written_as_hours() -> None:
    step = render(train(cache=Cache(valid_for=timedelta(days=2))))["Steps"][0]
    assert step["CacheConfig"] == {"Enabled": True, "ExpireAfter": "PT48H"}


def test_conditions_are_written_as_the_sdk_writes_them() -> None:
    check = process(outputs={"report": ProcessingOutput(path="/out", property_files={"Figures": "f.json"})})
    auc = check.figure("Figures", "auc.value")
    gate = ConditionStep(
        name="Gate",
        conditions=(
            Compare(auc, ">=", 0.8),
            AnyOf((Not(OneOf(Parameter("Mode", "dry"), ("dry", "test"))), Compare("a", "==", "a"))),
        ),
        then=(register(),),
        otherwise=(FailStep(name="Stop", message=Join(("auc is ", auc))),),
    )
    figure = {
        "Std:JsonGet": {"PropertyFile": {"Get": "Steps.Check.PropertyFiles.Figures"}, "Path": "auc.value"}
    }
    rendered = render(check, gate)["Steps"]
    assert rendered[0]["PropertyFiles"] == [
        {"PropertyFileName": "Figures", "OutputName": "report", "FilePath": "f.json"}
    ]
    assert rendered[1]["Arguments"]["Conditions"] == [
        {"Type": "GreaterThanOrEqualTo", "LeftValue": figure, "RightValue": 0.8},
        {
            "Type": "Or",
            "Conditions": [
                {
                    "Type": "Not",
                    "Condition": {
                        "Type": "In",
                        "QueryValue": {"Get": "Parameters.Mode"},
                        "Values": ["dry", "test"],
                    },
                },
                {"Type": "Equals", "LeftValue": "a", "RightValue": "a"},
            ],
        },
    ]
    assert [step["Name"] for step in rendered[1]["Arguments"]["IfSteps"]] == ["Register"]
    assert rendered[1]["Arguments"]["ElseSteps"] == [
        {
            "Name": "Stop",
            "Type": "Fail",
            "Arguments": {"ErrorMessage": {"Std:Join": {"On": "", "Values": ["auc is ", figure]}}},
        }
    ]


def test_needs_are_what_the_steps_name_and_nothing_else() -> None:
    step = train(inputs={"train": "s3://data/train", "late": Join((Parameter("Place", "s3://b/x"),))})
    needs = PipelineDefinition(steps=(step, register(model_data=step.model))).access(AROUND)
    assert needs.creates == {"training-job"}
    assert needs.model_groups == {"churn"}
    assert needs.images == (IMAGE,)
    checkpoints = "s3://artifacts/pipelines/churn/checkpoints/"
    assert [place for place in needs.reads if isinstance(place, str)] == ["s3://data/train", checkpoints]
    assert needs.writes == ("s3://artifacts/pipelines/churn/models/", checkpoints)


def test_text_that_cdk_fills_in_later_is_never_judged() -> None:
    token = cdk.Token.as_string({"Ref": "Kind"})
    number = cdk.Token.as_number({"Ref": "Count"})
    assert is_open(token)
    assert is_open(f"s3://{token}/x")
    assert is_open(number)
    assert not is_open("${AWS::AccountId}")
    assert not is_open(-5)
    train(instance_type=token, image=token, instance_count=number, inputs={"train": token})
    register(group_name=token)


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "no runtime": (
        lambda: train(max_runtime=timedelta(0)),
        "max_runtime must be between 1 second and 28 days",
    ),
    "a month": (lambda: train(max_runtime=timedelta(days=29)), "max_runtime must be"),
    "wait below runtime": (lambda: train(max_wait=timedelta(minutes=1)), "max_wait includes the run itself"),
    "wait without spot": (lambda: train(spot=False, max_wait=2 * HOUR), "leave it out, or set spot=True"),
    "warm spot": (lambda: train(keep_warm=HOUR), "spot capacity cannot be kept warm"),
    "warm for a day": (lambda: train(spot=False, keep_warm=24 * HOUR), "keep_warm must be at most 6 hours"),
    "wrong machine": (
        lambda: train(instance_type="m5.xlarge"),
        r'instance_type must be written like "ml.m5.xlarge"',
    ),
    "newline in machine": (lambda: train(instance_type="ml.m5.xlarge\n"), "instance_type must be"),
    "no machines": (lambda: train(instance_count=0), "instance_count must be at least 1, got 0"),
    "no disk": (lambda: train(volume_gb=0), "volume_gb must be at least 1"),
    "long hyperparameter": (lambda: train(hyperparameters={"a": "x" * 2501}), "can be 2500 characters long"),
    "101 hyperparameters": (lambda: train(hyperparameters={str(n): n for n in range(101)}), "at most 100"),
    "channel": (lambda: train(inputs={"a b": "s3://b/x"}), "a channel is named by"),
    "21 channels": (lambda: train(inputs={f"c{n}": "s3://b/x" for n in range(21)}), "at most 20 inputs"),
    "no bucket": (
        lambda: train(inputs={"a": "b/x"}),
        "must be like s3://bucket/folder|must be a place in S3",
    ),
    "empty bucket": (lambda: train(inputs={"a": "s3:///x"}), "must be like s3://bucket/folder"),
    "wildcard": (lambda: train(inputs={"a": "s3://b/*"}), "without wildcards"),
    "variable": (lambda: train(environment={"a-b": "x"}), "no name of an environment variable"),
    "step name": (lambda: train(name="a b"), "a step's name must be 1-64"),
    "step name, newline": (lambda: train(name="a\n"), "a step's name must be"),
    "full-width name": (lambda: train(name="Ａ"), "a step's name must be"),
    "65 letters": (lambda: train(name="a" * 65), "a step's name must be"),
    "parameter": (lambda: Parameter("a.b", 1), "a parameter's name must be"),
    "default not allowed": (lambda: Parameter("A", "x", allowed=("y",)), "allows y, is 'x' by default"),
    "operator": (lambda: Compare(1, "=>", 2), "an operator must be one of ==, >, >=, <, <=, got '=>'"),
    "empty condition": (
        lambda: ConditionStep(name="C", conditions=(), then=(train(),)),
        "at least one condition",
    ),
    "no way on": (lambda: ConditionStep(name="C", conditions=(Compare(1, "<", 2),)), "both empty"),
    "no retry": (lambda: Retry(on=(), attempts=1), "at least one error"),
    "zero attempts": (lambda: Retry(on=(RetryOn.THROTTLING,), attempts=0), "at least 1 each"),
    "short cache": (lambda: Cache(valid_for=timedelta(minutes=1)), "an hour or more"),
    "unknown metric": (
        lambda: train().metric("auc"),
        "no metric 'auc' is read from the log, known are: none",
    ),
    "unknown output": (lambda: process().output("x"), "there is no output 'x', known are: none"),
    "unknown figure": (lambda: process().figure("x", "y"), "there is no property file 'x'"),
    "ten days of processing": (
        lambda: process(max_runtime=timedelta(days=10)),
        "max_runtime is 1 second to 9 days",
    ),
    "11 outputs": (
        lambda: process(outputs={f"o{n}": ProcessingOutput(path="/o") for n in range(11)}),
        "at most 10 outputs",
    ),
    "group name": (lambda: register(group_name="a_b"), "group_name must be 1-63"),
    "no content type": (lambda: register(content_types=()), "at least one entry each"),
    "serving machine": (lambda: register(inference_instances=("x",)), "must be written like"),
    "no steps": (lambda: PipelineDefinition(steps=()), "at least one step"),
    "twice the same": (lambda: PipelineDefinition(steps=(train(), train())), "got Train twice"),
    "unknown step": (
        lambda: PipelineDefinition(steps=(train(depends_on=("Prepare",)), process())),
        "waits for Prepare, which is no step; there are: Check",
    ),
    "circle": (
        lambda: PipelineDefinition(steps=(train(depends_on=("Check",)), process(depends_on=("Train",)))),
        "wait for each other in a circle: ",
    ),
    "waits for its own condition": (
        lambda: PipelineDefinition(
            steps=(ConditionStep(name="C", conditions=(Compare(train().model, "==", "x"),), then=(train(),)),)
        ),
        "circle",
    ),
    "two defaults": (
        lambda: PipelineDefinition(
            steps=(train(hyperparameters={"a": Parameter("A", 1), "b": Parameter("A", 2)}),)
        ),
        "parameter 'A' is used with two defaults",
    ),
    "too big": (
        lambda: PipelineDefinition(
            steps=tuple(
                train(name=f"T{n}", hyperparameters={str(i): "x" * 2500 for i in range(100)})
                for n in range(5)
            )
        ).render(AROUND),
        "at most 1048576 characters",
    ),
}


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=REFUSED)
def test_what_could_never_run_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        make()


def test_a_refusal_names_the_step() -> None:
    with pytest.raises(InvalidInput) as caught:
        train(name="Fit", instance_count=0)
    assert (caught.value.code, caught.value.path) == ("TrainingResources", "step Fit")
