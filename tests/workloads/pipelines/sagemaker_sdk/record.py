"""Writes the pipeline of `test_the_sdk_writes_the_same.py` with the SageMaker SDK, to compare with ours.

Runs in the environment that the fixture `sagemaker_sdk` makes, as the SDK brings many packages. To record anew:

    .venv/tools/sagemaker-sdk-*/bin/python tests/workloads/pipelines/sagemaker_sdk/record.py definition.json
"""

# The SDK is not where mypy runs.
# mypy: disable-error-code="import-not-found,import-untyped,no-any-return"

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.lambda_helper import Lambda
from sagemaker.model import Model
from sagemaker.network import NetworkConfig
from sagemaker.processing import ProcessingInput, ProcessingOutput, Processor
from sagemaker.pytorch import PyTorch
from sagemaker.transformer import Transformer
from sagemaker.tuner import CategoricalParameter, ContinuousParameter, HyperparameterTuner, IntegerParameter
from sagemaker.workflow.callback_step import CallbackOutput, CallbackOutputTypeEnum, CallbackStep
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import (
    ConditionGreaterThanOrEqualTo,
    ConditionIn,
    ConditionNot,
    ConditionOr,
)
from sagemaker.workflow.execution_variables import ExecutionVariables
from sagemaker.workflow.fail_step import FailStep
from sagemaker.workflow.functions import Join, JsonGet
from sagemaker.workflow.lambda_step import LambdaOutput, LambdaOutputTypeEnum, LambdaStep
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.parameters import ParameterFloat, ParameterInteger, ParameterString
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.properties import PropertyFile
from sagemaker.workflow.retry import (
    SageMakerJobExceptionTypeEnum,
    SageMakerJobStepRetryPolicy,
    StepExceptionTypeEnum,
    StepRetryPolicy,
)
from sagemaker.workflow.steps import CacheConfig, ProcessingStep, TrainingStep, TransformStep, TuningStep

logging.disable(logging.CRITICAL)

IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:1.4.0"
ROLE = "arn:aws:iam::123456789012:role/job"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:check"
QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/people"
SUBNETS, GROUPS = ["subnet-0a1b2c3d"], ["sg-0a1b2c3d"]
PLACE = "s3://artifacts/pipelines/churn"
TAGS = [{"Key": "studio:team", "Value": "vision"}]


def definition() -> str:
    """The pipeline, as the SDK writes it."""
    session = PipelineSession(
        boto_session=boto3.Session(
            region_name="eu-west-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",  # noqa: S106 - none is needed
        ),
        sagemaker_client=mock.MagicMock(),
        default_bucket="artifacts",
    )
    kind = ParameterString(
        "Kind", default_value="ml.m5.xlarge", enum_values=["ml.m5.xlarge", "ml.m5.4xlarge"]
    )
    rounds = ParameterInteger("Rounds", default_value=10)
    least = ParameterFloat("LeastAuc", default_value=0.8)
    retries = [
        StepRetryPolicy(
            [StepExceptionTypeEnum.SERVICE_FAULT, StepExceptionTypeEnum.THROTTLING],
            interval_seconds=10,
            max_attempts=5,
        ),
        SageMakerJobStepRetryPolicy(
            exception_types=[SageMakerJobExceptionTypeEnum.CAPACITY_ERROR],
            interval_seconds=300,
            max_attempts=8,
        ),
    ]
    estimator = Estimator(
        image_uri=IMAGE,
        role=ROLE,
        instance_count=2,
        instance_type=kind,
        volume_size=30,
        volume_kms_key=KEY,
        output_kms_key=KEY,
        output_path=f"{PLACE}/models",
        sagemaker_session=session,
        subnets=SUBNETS,
        security_group_ids=GROUPS,
        use_spot_instances=True,
        max_run=3600,
        max_wait=7200,
        checkpoint_s3_uri=Join(
            on="/", values=[f"{PLACE}/checkpoints", ExecutionVariables.PIPELINE_EXECUTION_ID]
        ),
        checkpoint_local_path="/opt/ml/checkpoints",
        enable_network_isolation=True,
        encrypt_inter_container_traffic=True,
        hyperparameters={"loss": "log", "rounds": rounds},
        metric_definitions=[{"Name": "auc", "Regex": "auc=([0-9.]+)"}],
        environment={"LEVEL": "info"},
        disable_profiler=True,
        tags=TAGS,
    )
    train = TrainingStep(
        name="Train",
        step_args=estimator.fit({"train": TrainingInput("s3://artifacts/train", input_mode="File")}),
        retry_policies=retries,
        cache_config=CacheConfig(enable_caching=True, expire_after="PT48H"),
        description="Learns who leaves",
    )
    report = PropertyFile(name="Figures", output_name="report", path="figures.json")
    processor = Processor(
        role=ROLE,
        image_uri=IMAGE,
        instance_count=1,
        instance_type="ml.m5.large",
        entrypoint=["python3", "check.py"],
        volume_size_in_gb=30,
        volume_kms_key=KEY,
        output_kms_key=KEY,
        max_runtime_in_seconds=600,
        sagemaker_session=session,
        env={"LEVEL": "info"},
        tags=TAGS,
        network_config=NetworkConfig(
            enable_network_isolation=True,
            security_group_ids=GROUPS,
            subnets=SUBNETS,
            encrypt_inter_container_traffic=True,
        ),
    )
    check = ProcessingStep(
        name="Check",
        step_args=processor.run(
            inputs=[
                ProcessingInput(
                    input_name="model",
                    source=train.properties.ModelArtifacts.S3ModelArtifacts,
                    destination="/opt/ml/processing/model",
                )
            ],
            outputs=[
                ProcessingOutput(
                    output_name="report",
                    source="/opt/ml/processing/report",
                    destination=Join(
                        on="/", values=[f"{PLACE}/Check/report", ExecutionVariables.PIPELINE_EXECUTION_ID]
                    ),
                )
            ],
        ),
        property_files=[report],
        retry_policies=retries,
    )
    model = Model(
        image_uri=IMAGE,
        model_data=train.properties.ModelArtifacts.S3ModelArtifacts,
        role=ROLE,
        sagemaker_session=session,
        vpc_config={"Subnets": SUBNETS, "SecurityGroupIds": GROUPS},
        enable_network_isolation=True,
    )
    register = ModelStep(
        name="Register",
        step_args=model.register(
            content_types=["text/csv"],
            response_types=["text/csv"],
            inference_instances=["ml.m5.large"],
            transform_instances=["ml.m5.large"],
            model_package_group_name="churn",
            approval_status="PendingManualApproval",
        ),
        retry_policies={"register_model_retry_policies": retries[:1]},
    )
    create = ModelStep(
        name="Serve",
        step_args=model.create(instance_type="ml.m5.large", tags=TAGS),
        retry_policies={"create_model_retry_policies": retries[:1]},
    )
    auc = JsonGet(step_name="Check", property_file=report, json_path="auc.value")
    gate = ConditionStep(
        name="Gate",
        conditions=[
            ConditionGreaterThanOrEqualTo(left=auc, right=least),
            ConditionOr([ConditionNot(ConditionIn(kind, ["ml.m5.large"]))]),
        ],
        if_steps=[register, create],
        else_steps=[FailStep(name="Stop", error_message=Join(on="", values=["auc is ", auc]))],
    )
    pipeline = Pipeline(
        name="churn",
        parameters=[kind, least, rounds],
        steps=[train, check, gate, *others(session)],
        sagemaker_session=session,
        pipeline_experiment_config=None,
    )
    return pipeline.definition()


def others(session: PipelineSession) -> list[Any]:
    """Steps that stand beside the others: many machines, tuning, transform, a function, a queue."""
    torch = PyTorch(
        entry_point="train.py",
        source_dir="s3://artifacts/code/sourcedir.tar.gz",
        image_uri=IMAGE,
        role=ROLE,
        instance_count=4,
        instance_type="ml.p4d.24xlarge",
        volume_size=30,
        output_kms_key=KEY,
        output_path=f"{PLACE}/models",
        sagemaker_session=session,
        subnets=SUBNETS,
        security_group_ids=GROUPS,
        max_run=3600,
        keep_alive_period_in_seconds=1800,
        enable_network_isolation=True,
        encrypt_inter_container_traffic=True,
        hyperparameters={"epochs": 3, "name": "10", "shuffle": True},
        distribution={
            "torch_distributed": {"enabled": True},
            "smdistributed": {"dataparallel": {"enabled": True, "custom_mpi_options": "-verbose"}},
        },
        disable_profiler=True,
        debugger_hook_config=False,
        tags=TAGS,
    )
    many = TrainingStep(
        name="Many",
        step_args=torch.fit({"train": TrainingInput("s3://artifacts/train", input_mode="FastFile")}),
    )
    estimator = Estimator(
        image_uri=IMAGE,
        role=ROLE,
        instance_count=1,
        instance_type="ml.m5.xlarge",
        volume_size=30,
        volume_kms_key=KEY,
        output_kms_key=KEY,
        output_path=f"{PLACE}/models",
        sagemaker_session=session,
        subnets=SUBNETS,
        security_group_ids=GROUPS,
        use_spot_instances=True,
        max_run=3600,
        max_wait=7200,
        enable_network_isolation=True,
        encrypt_inter_container_traffic=True,
        hyperparameters={"loss": "log"},
        tags=TAGS,
    )
    tuner = HyperparameterTuner(
        estimator,
        objective_metric_name="auc",
        metric_definitions=[{"Name": "auc", "Regex": "auc=([0-9.]+)"}],
        objective_type="Maximize",
        hyperparameter_ranges={
            "depth": IntegerParameter(2, 10),
            "eta": ContinuousParameter(0.001, 0.3, scaling_type="Logarithmic"),
            "optimizer": CategoricalParameter(["adam", "sgd"]),
        },
        max_jobs=20,
        max_parallel_jobs=4,
        max_runtime_in_seconds=7200,
        early_stopping_type="Auto",
        random_seed=7,
        tags=TAGS,
    )
    tune = TuningStep(
        name="Tune", step_args=tuner.fit({"train": TrainingInput("s3://artifacts/train", input_mode="File")})
    )
    transformer = Transformer(
        model_name="churn-1",
        base_transform_job_name="answer",
        instance_count=2,
        instance_type="ml.m5.large",
        strategy="MultiRecord",
        assemble_with="Line",
        output_path="s3://artifacts/answers",
        output_kms_key=KEY,
        accept="text/csv",
        max_concurrent_transforms=4,
        max_payload=6,
        env={"LEVEL": "info"},
        volume_kms_key=KEY,
        tags=TAGS,
        sagemaker_session=session,
    )
    answer = TransformStep(
        name="Answer",
        step_args=transformer.transform(
            "s3://artifacts/questions",
            content_type="text/csv",
            split_type="Line",
            join_source="Input",
            input_filter="$[1:]",
            output_filter="$[0,-1]",
            model_client_config={"InvocationsTimeoutInSeconds": 60, "InvocationsMaxRetries": 1},
        ),
    )
    call = LambdaStep(
        name="Call",
        lambda_func=Lambda(function_arn=FUNCTION, session=session),
        inputs={"best": tune.properties.BestTrainingJob.TrainingJobName, "limit": 3},
        outputs=[
            LambdaOutput("verdict", LambdaOutputTypeEnum.String),
            LambdaOutput("count", LambdaOutputTypeEnum.Integer),
        ],
    )
    ask = CallbackStep(
        name="Ask",
        sqs_queue_url=QUEUE,
        inputs={"verdict": call.properties.Outputs["verdict"]},
        outputs=[CallbackOutput("agreed", CallbackOutputTypeEnum.Boolean)],
        cache_config=CacheConfig(enable_caching=True, expire_after="PT1H"),
    )
    return [many, tune, answer, call, ask]


if __name__ == "__main__":
    written = json.dumps(json.loads(definition()), indent=2, sort_keys=True) + "\n"
    # A file, as the SDK itself writes to the standard output.
    Path(sys.argv[1]).write_text(written, encoding="utf-8")
