"""The options of the SDK's checks, out of the jobs that a definition has for them."""

# The SDK is not where mypy runs.
# mypy: disable-error-code="import-not-found,import-untyped,no-any-return,no-untyped-call"

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

from sagemaker import clarify as processors
from sagemaker.network import NetworkConfig
from sagemaker.workflow import clarify_check_step
from sagemaker.workflow.check_job_config import CheckJobConfig
from sagemaker.workflow.clarify_check_step import (
    DataBiasCheckConfig,
    ModelBiasCheckConfig,
    ModelExplainabilityCheckConfig,
)
from sagemaker.workflow.quality_check_step import DataQualityCheckConfig, ModelQualityCheckConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]


def job(arguments: Json, session: Any) -> CheckJobConfig:
    """Where and how the job runs."""
    # The role of a template is no ARN yet, and the SDK would ask IAM for the one of that name.
    session.expand_role = str
    cluster, network = arguments["ProcessingResources"]["ClusterConfig"], arguments["NetworkConfig"]
    return CheckJobConfig(
        role=arguments["RoleArn"],
        instance_count=cluster["InstanceCount"],
        instance_type=cluster["InstanceType"],
        volume_size_in_gb=cluster["VolumeSizeInGB"],
        volume_kms_key=cluster.get("VolumeKmsKeyId"),
        output_kms_key=arguments["ProcessingOutputConfig"]["KmsKeyId"],
        max_runtime_in_seconds=arguments["StoppingCondition"]["MaxRuntimeInSeconds"],
        tags=arguments.get("Tags"),
        sagemaker_session=session,
        network_config=NetworkConfig(
            enable_network_isolation=network["EnableNetworkIsolation"],
            encrypt_inter_container_traffic=network["EnableInterContainerTrafficEncryption"],
            subnets=network["VpcConfig"]["Subnets"],
            security_group_ids=network["VpcConfig"]["SecurityGroupIds"],
        ),
    )


def _inputs(arguments: Json) -> Json:
    return {each["InputName"]: each["S3Input"]["S3Uri"] for each in arguments["ProcessingInputs"]}


def _result(arguments: Json) -> Any:
    return arguments["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]


def quality(kind: str, arguments: Json) -> Any:
    """What the check of a quality looks at."""
    places, said = _inputs(arguments), arguments["Environment"]
    options = {
        "baseline_dataset": places["baseline_dataset_input"],
        "dataset_format": json.loads(said["dataset_format"]),
        "output_s3_uri": _result(arguments),
        "post_analytics_processor_script": places.get("post_analytics_processor_script_input"),
    }
    if kind == "DATA_QUALITY":
        before = places.get("record_preprocessor_script_input")
        return DataQualityCheckConfig(**options, record_preprocessor_script=before)
    return {"MODEL_QUALITY": ModelQualityCheckConfig}[kind](
        **options,
        problem_type=said["problem_type"],
        inference_attribute=said.get("inference_attribute"),
        probability_attribute=said.get("probability_attribute"),
        ground_truth_attribute=said.get("ground_truth_attribute"),
        probability_threshold_attribute=said.get("probability_threshold_attribute"),
    )


def clarify(kind: str, arguments: Json, model: Any) -> Any:
    """What a check by Clarify looks at; what stands in its configuration in S3 does not matter to the definition."""
    data = processors.DataConfig(
        s3_data_input_path=_inputs(arguments)["dataset"],
        s3_output_path=_result(arguments),
        s3_analysis_config_output_path="s3://artifacts/clarify",
        label="left",
        headers=["left", "age"],
        dataset_type="text/csv",
    )
    groups = processors.BiasConfig(label_values_or_threshold=[1], facet_name="age")
    if kind == "DATA_BIAS":
        return DataBiasCheckConfig(data_config=data, data_bias_config=groups)
    asked = processors.ModelConfig(model_name=model, instance_count=1, instance_type="ml.m5.large")
    if kind == "MODEL_BIAS":
        answer = processors.ModelPredictedLabelConfig()
        return ModelBiasCheckConfig(
            data_config=data,
            data_bias_config=groups,
            model_config=asked,
            model_predicted_label_config=answer,
        )
    return {"MODEL_EXPLAINABILITY": ModelExplainabilityCheckConfig}[kind](
        data_config=data, model_config=asked, explainability_config=processors.SHAPConfig()
    )


@contextmanager
def nothing_uploaded(arguments: Json) -> Iterator[None]:
    """The SDK writes Clarify's configuration into S3 when it makes the step: here it is there already."""
    place = _inputs(arguments)["analysis_config"]
    with ExitStack() as stack:
        for owner, name in (
            (clarify_check_step, "_upload_analysis_config"),
            (clarify_check_step.ClarifyCheckStep, "_upload_monitoring_analysis_config"),
        ):
            stack.enter_context(mock.patch.object(owner, name, return_value=place))
        yield
