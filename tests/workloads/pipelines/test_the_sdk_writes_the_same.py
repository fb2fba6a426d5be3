"""Our definitions are what the SageMaker SDK writes, without the SDK; and the SDK reads them as we meant them.

`sagemaker_sdk/record.py` made `definition.json` with the SDK, in an environment of its own. It is made again there and
must not have changed. `sagemaker_sdk/read.py` reads definitions into the SDK's objects and writes them again.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.workloads.pipelines.pipeline_definition import (
    AnyOf,
    Cache,
    CallbackStep,
    Choice,
    Compare,
    ConditionStep,
    CreateModelStep,
    DataParallel,
    FailStep,
    FloatRange,
    InputMode,
    IntegerRange,
    JobSurroundings,
    Join,
    LambdaStep,
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
    Step,
    TrainingInput,
    TrainingScript,
    TrainingStep,
    TransformStep,
    TuningStep,
)
from tests.workloads.conftest import GROUP, IMAGE, KEY, SUBNET
from tests.workloads.pipelines.definitions import every_definition

if TYPE_CHECKING:
    from collections.abc import Callable

RECORDED = Path(__file__).parent / "sagemaker_sdk" / "definition.json"
FUNCTION = SimpleNamespace(function_arn="arn:aws:lambda:eu-west-1:123456789012:function:check")
QUEUE = SimpleNamespace(
    queue_url="https://sqs.eu-west-1.amazonaws.com/123456789012/people",
    queue_arn="arn:aws:sqs:eu-west-1:123456789012:people",
    encryption_master_key=None,
)

#: What the SDK adds of its own accord, and what leaving it out means to the service.
ADDED = {
    "DebugHookConfig": "without it, Debugger records nothing",
    "ProfilerConfig": "the SDK has to say that it does not want the profiler; without it there is none",
    "S3CompressionType": "None is the service's default",
    "Environment": "an empty one says nothing",
    "SkipModelValidation": "None is the service's default",
    "PipelineExperimentConfig": "null and missing both mean no experiment",
    "sagemaker_region": "the image knows its region, and downloads nothing: its code is a channel",
}
#: What we say out loud, and is the service's default where the SDK says nothing.
SAID = {"EnableManagedSpotTraining": False, "InputMode": "File"}
#: The SDK puts the kind of step behind the names of model steps.
RENAMED = {"Register-RegisterModel": "Register", "Serve-CreateModel": "Serve"}


def definition() -> dict[str, Any]:
    kind = Parameter("Kind", "ml.m5.xlarge", allowed=("ml.m5.xlarge", "ml.m5.4xlarge"))
    retries = (
        Retry(on=(RetryOn.SERVICE_FAULT, RetryOn.THROTTLING), attempts=5),
        Retry(on=(RetryOn.CAPACITY_ERROR,), attempts=8, interval=timedelta(minutes=5)),
    )
    train = TrainingStep(
        image=IMAGE,
        instance_type=kind,
        instance_count=2,
        max_runtime=timedelta(hours=1),
        inputs={"train": "s3://artifacts/train"},
        hyperparameters={"loss": "log", "rounds": Parameter("Rounds", 10)},
        metrics={"auc": "auc=([0-9.]+)"},
        environment={"LEVEL": "info"},
        retries=retries,
        cache=Cache(valid_for=timedelta(days=2)),
        description="Learns who leaves",
    )
    check = ProcessingStep(
        name="Check",
        image=IMAGE,
        instance_type="ml.m5.large",
        max_runtime=timedelta(minutes=10),
        entrypoint=("python3", "check.py"),
        inputs={"model": ProcessingInput(place=train.model, path="/opt/ml/processing/model")},
        outputs={
            "report": ProcessingOutput(
                path="/opt/ml/processing/report", property_files={"Figures": "figures.json"}
            )
        },
        environment={"LEVEL": "info"},
        retries=retries,
    )
    auc = check.figure("Figures", "auc.value")
    register = RegisterModelStep(
        group_name="churn",
        image=IMAGE,
        model_data=train.model,
        inference_instances=("ml.m5.large",),
        transform_instances=("ml.m5.large",),
        retries=retries[:1],
    )
    gate = ConditionStep(
        name="Gate",
        conditions=(
            Compare(auc, ">=", Parameter("LeastAuc", 0.8)),
            AnyOf((Not(OneOf(kind, ("ml.m5.large",))),)),
        ),
        then=(
            register,
            CreateModelStep(name="Serve", image=IMAGE, model_data=train.model, retries=retries[:1]),
        ),
        otherwise=(FailStep(name="Stop", message=Join(("auc is ", auc))),),
    )
    around = JobSurroundings(
        role_arn="arn:aws:iam::123456789012:role/job",
        subnet_ids=(SUBNET,),
        security_group_ids=(GROUP,),
        key_arn=KEY,
        bucket="artifacts",
        prefix="pipelines/churn",
        tags={"studio:team": "vision"},
    )
    return PipelineDefinition(steps=(train, check, gate, *others())).render(around)


def others() -> list[Step]:
    many = TrainingStep(
        name="Many",
        image=IMAGE,
        instance_type="ml.p4d.24xlarge",
        instance_count=4,
        max_runtime=timedelta(hours=1),
        spot=False,
        checkpoint_path=None,
        keep_warm=timedelta(minutes=30),
        script=TrainingScript(source="s3://artifacts/code/sourcedir.tar.gz"),
        distribution=DataParallel(torchrun=True, mpi_options="-verbose"),
        hyperparameters={"epochs": 3, "name": "10", "shuffle": True},
        inputs={"train": TrainingInput(place="s3://artifacts/train", mode=InputMode.FAST_FILE)},
        retries=(),
    )
    tune = TuningStep(
        training=TrainingStep(
            image=IMAGE,
            instance_type="ml.m5.xlarge",
            max_runtime=timedelta(hours=1),
            hyperparameters={"loss": "log"},
            inputs={"train": "s3://artifacts/train"},
            metrics={"auc": "auc=([0-9.]+)"},
        ),
        ranges={
            "depth": IntegerRange(2, 10),
            "eta": FloatRange(0.001, 0.3, Scaling.LOGARITHMIC),
            "optimizer": Choice(("adam", "sgd")),
        },
        metric="auc",
        max_jobs=20,
        max_parallel_jobs=4,
        max_runtime=timedelta(hours=2),
        stop_early=True,
        random_seed=7,
        retries=(),
    )
    answer = TransformStep(
        name="Answer",
        model_name="churn-1",
        data="s3://artifacts/questions",
        instance_type="ml.m5.large",
        instance_count=2,
        accept="text/csv",
        max_payload_mb=6,
        max_concurrent=4,
        timeout=timedelta(minutes=1),
        retries_per_request=1,
        join_input=True,
        input_filter="$[1:]",
        output_filter="$[0,-1]",
        place="s3://artifacts/answers",
        environment={"LEVEL": "info"},
        retries=(),
    )
    call = LambdaStep(
        name="Call",
        function=FUNCTION,
        inputs={"best": tune.best_job, "limit": 3},
        outputs={"verdict": OutputType.STRING, "count": OutputType.INTEGER},
    )
    ask = CallbackStep(
        name="Ask",
        queue=QUEUE,
        inputs={"verdict": call.output("verdict")},
        outputs={"agreed": OutputType.BOOLEAN},
        cache=Cache(valid_for=timedelta(hours=1)),
    )
    return [many, tune, answer, call, ask]


def test_ours_is_what_the_sdk_writes() -> None:
    theirs = json.loads(RECORDED.read_text(encoding="utf-8"))
    ours = json.loads(json.dumps(definition()))
    assert _by_name(_without(ours, SAID)) == _by_name(_without(theirs, {**dict.fromkeys(ADDED), **SAID}))


def test_what_the_sdk_adds_is_still_added() -> None:
    # Else the comparison above would forgive more than it needs to.
    recorded = RECORDED.read_text(encoding="utf-8")
    assert [name for name in ADDED if f'"{name}"' not in recorded] == []


@pytest.mark.slow
@pytest.mark.timeout(900)  # the first one makes the environment
def test_the_sdk_still_writes_what_was_recorded(tmp_path: Path, sagemaker_sdk: Callable[..., None]) -> None:
    written = tmp_path / "definition.json"
    sagemaker_sdk("record.py", written)
    assert written.read_bytes() == RECORDED.read_bytes()


@pytest.mark.slow
@pytest.mark.timeout(900)  # the first one makes the environment
def test_the_sdk_reads_every_definition_and_writes_it_again_as_it_was(
    tmp_path: Path, sagemaker_sdk: Callable[..., None]
) -> None:
    given = every_definition() | {"recorded": json.loads(json.dumps(definition()))}
    results = _read(given, tmp_path, sagemaker_sdk)
    assert {name: result["error"] for name, result in results.items() if "error" in result} == {}
    for name, result in results.items():
        written = result["definition"]
        # The SDK says it always, and null is what leaving it out means.
        assert written.pop("PipelineExperimentConfig") is None
        assert _checks_without_nothing(written) == given[name], name


def _checks_without_nothing(definition: dict[str, Any]) -> dict[str, Any]:
    """The SDK writes the jobs of checks itself, and says out loud in them what is not there."""
    for step in definition["Steps"]:
        if step["Type"] in {"QualityCheck", "ClarifyCheck"}:
            for name in [name for name, value in step.items() if value is None]:
                del step[name]
            for each in step["Arguments"]["ProcessingInputs"]:
                assert each["S3Input"].pop("S3CompressionType") == "None"
    return definition


def _wrong(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    changed: dict[str, Any] = json.loads(json.dumps(definition()))
    change({step["Name"]: step for step in changed["Steps"]})
    return changed


WRONG = {
    "no such property": (
        lambda steps: steps["Call"]["Arguments"].update(x={"Get": "Steps.Train.ModelArtifact.S3"}),
        "has no attribute 'ModelArtifact'",
    ),
    "no such step": (
        lambda steps: steps["Call"]["Arguments"].update(x={"Get": "Steps.Trian.ModelArtifacts"}),
        "Trian",
    ),
    "no such parameter": (
        lambda steps: steps["Call"]["Arguments"].update(x={"Get": "Parameters.Nobody"}),
        "Nobody",
    ),
    "no such fact": (
        lambda steps: steps["Call"]["Arguments"].update(x={"Get": "Execution.Weather"}),
        "Weather",
    ),
    "no such answer": (
        lambda steps: steps["Ask"]["Arguments"].update(x={"Get": "Steps.Call.OutputParameters['y']"}),
        "'y'",
    ),
    "no such error to retry": (
        lambda steps: steps["Train"]["RetryPolicies"][0].update(ExceptionType=["Step.BAD_LUCK"]),
        "Step.BAD_LUCK",
    ),
    "no such output behind the property file": (
        lambda steps: steps["Check"]["PropertyFiles"][0].update(OutputName="nothing"),
        "Processing output name 'nothing'",
    ),
    "a circle": (lambda steps: steps["Call"].update(DependsOn=["Ask"]), "Cycle detected"),
    "a member that steps do not have": (
        lambda steps: steps["Ask"].update(RetryPolicies=[]) or steps["Ask"].update(Timeout=3),
        "have no Timeout",
    ),
}


@pytest.mark.slow
@pytest.mark.timeout(900)  # the first one makes the environment
def test_the_sdk_refuses_what_is_wrong(tmp_path: Path, sagemaker_sdk: Callable[..., None]) -> None:
    # Else the reading above would prove nothing.
    results = _read({name: _wrong(change) for name, (change, _) in WRONG.items()}, tmp_path, sagemaker_sdk)
    for name, (_, reason) in WRONG.items():
        assert reason in results[name].get("error", ""), name


def _read(
    given: dict[str, Any], folder: Path, sagemaker_sdk: Callable[..., None]
) -> dict[str, dict[str, Any]]:
    definitions, written = folder / "given.json", folder / "written.json"
    definitions.write_text(json.dumps(given), encoding="utf-8")
    sagemaker_sdk("read.py", definitions, written)
    found: dict[str, dict[str, Any]] = json.loads(written.read_text(encoding="utf-8"))
    assert found.keys() == given.keys()
    return found


def _without(value: Any, added: dict[str, Any]) -> Any:
    """`value` without what one side says of its own accord, and with step names as we write them."""
    if isinstance(value, dict):
        kept = {key: _without(item, added) for key, item in value.items()}
        return {
            key: RENAMED.get(item, item) if key == "Name" else item
            for key, item in kept.items()
            if key not in added
            or (key == "Environment" and item)
            or (added[key] is not None and item != added[key])
        }
    return [_without(item, added) for item in value] if isinstance(value, list) else value


def _by_name(definition: dict[str, Any]) -> dict[str, Any]:
    """Parameters in the order of their names: the service does not care."""
    return definition | {"Parameters": sorted(definition["Parameters"], key=lambda each: str(each["Name"]))}
