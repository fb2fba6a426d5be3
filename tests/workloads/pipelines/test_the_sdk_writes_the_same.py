"""Our definitions are what the SageMaker SDK writes, without the SDK.

`sagemaker_sdk/record.py` made `definition.json` with the SDK, in an environment of its own. Where that
environment exists, it is made again and must not have changed.
"""

from __future__ import annotations

import json
import os
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from studio_infra.workloads.pipelines.pipeline_definition import (
    AnyOf,
    Cache,
    Compare,
    ConditionStep,
    CreateModelStep,
    FailStep,
    JobSurroundings,
    Join,
    Not,
    OneOf,
    Parameter,
    PipelineDefinition,
    ProcessingInput,
    ProcessingOutput,
    ProcessingStep,
    RegisterModelStep,
    Retry,
    RetryOn,
    TrainingStep,
)
from tests.workloads.conftest import GROUP, IMAGE, KEY, SUBNET

RECORDED = Path(__file__).parent / "sagemaker_sdk" / "definition.json"
RECORD = RECORDED.with_name("record.py")
ENVIRONMENT = "SAGEMAKER_SDK_PYTHON"
SDK = Path(os.environ.get(ENVIRONMENT, Path(__file__).parents[3] / ".venv-sagemaker-sdk" / "bin" / "python"))

#: What the SDK adds of its own accord, and what leaving it out means to the service.
ADDED = {
    "DebugHookConfig": "without it, Debugger records nothing",
    "ProfilerConfig": "the SDK has to say that it does not want the profiler; without it there is none",
    "S3CompressionType": "None is the service's default",
    "Environment": "an empty one says nothing",
    "SkipModelValidation": "None is the service's default",
    "PipelineExperimentConfig": "null and missing both mean no experiment",
}
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
    return PipelineDefinition(steps=(train, check, gate)).render(around)


def test_ours_is_what_the_sdk_writes() -> None:
    theirs = json.loads(RECORDED.read_text(encoding="utf-8"))
    ours = json.loads(json.dumps(definition()))
    assert _by_name(_without(ours, {})) == _by_name(_without(theirs, ADDED))


def test_what_the_sdk_adds_is_still_added() -> None:
    # Else the comparison above would forgive more than it needs to.
    recorded = RECORDED.read_text(encoding="utf-8")
    assert [name for name in ADDED if f'"{name}"' not in recorded] == []


@pytest.mark.slow
@pytest.mark.skipif(
    not SDK.exists(), reason=f"needs the SageMaker SDK in an environment of its own: see {RECORD.name}"
)
def test_the_sdk_still_writes_what_was_recorded(tmp_path: Path) -> None:
    environment = os.environ | {"AWS_DEFAULT_REGION": "eu-west-1", "SAGEMAKER_SUPPRESS_V2_WARNING": "1"}
    written = tmp_path / "definition.json"
    subprocess.run([SDK, RECORD, written], capture_output=True, check=True, env=environment)
    assert written.read_bytes() == RECORDED.read_bytes()


def _without(value: Any, added: dict[str, str]) -> Any:
    """`value` without what the SDK adds, and with step names as we write them."""
    if isinstance(value, dict):
        kept = {key: _without(item, added) for key, item in value.items()}
        return {
            key: RENAMED.get(item, item) if key == "Name" else item
            for key, item in kept.items()
            if key not in added or (key == "Environment" and item)
        }
    return [_without(item, added) for item in value] if isinstance(value, list) else value


def _by_name(definition: dict[str, Any]) -> dict[str, Any]:
    """Parameters in the order of their names: the service does not care."""
    return definition | {"Parameters": sorted(definition["Parameters"], key=lambda each: str(each["Name"]))}
