"""Pipelines, jobs, models and endpoints, as a client of the API sees them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.rehearsal.conftest import make_role

if TYPE_CHECKING:
    from studio_infra.rehearsal.server import EmbeddedAws

pytestmark = pytest.mark.slow


def refused(code: str, message: str = "") -> Any:
    """A refusal with this code, whose sentence has these words."""
    return pytest.raises(ClientError, match=rf"\({code}\).*{message}")


@pytest.fixture
def role(aws: EmbeddedAws) -> str:
    """A role that SageMaker may assume."""
    return make_role(aws)


def training(role: str, **more: Any) -> dict[str, Any]:
    """A training job that says all it must."""
    return {
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "RoleArn": role,
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/models/"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    } | more


def definition(*steps: dict[str, Any], **parameters: str | None) -> str:
    given = [
        {"Name": name, "Type": "String"} | ({"DefaultValue": value} if value is not None else {})
        for name, value in parameters.items()
    ]
    return json.dumps({"Version": "2020-12-01", "Parameters": given, "Steps": list(steps)})


def train_step(role: str, **more: Any) -> dict[str, Any]:
    return {"Name": "Train", "Type": "Training", "Arguments": training(role, **more)}


def pipeline(sm: Any, role: str, text: str) -> None:
    sm.create_pipeline(
        PipelineName="churn", RoleArn=role, PipelineDefinition=text, ClientRequestToken="t" * 32
    )


def start(sm: Any, **parameters: str) -> str:
    given = [{"Name": name, "Value": value} for name, value in parameters.items()]
    arn: str = sm.start_pipeline_execution(PipelineName="churn", PipelineParameters=given)[
        "PipelineExecutionArn"
    ]
    return arn


def status(sm: Any, arn: str) -> str:
    found: str = sm.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"]
    return found


# -- pipelines -----------------------------------------------------------------------------------------


def test_a_pipeline_starts_a_job_that_ends_by_itself(sm: Any, aws: EmbeddedAws, role: str) -> None:
    aws.control.set_delays({"TrainingJob.create": 300})
    pipeline(sm, role, definition(train_step(role)))
    arn = start(sm)
    assert status(sm, arn) == "Executing"
    job = sm.list_training_jobs()["TrainingJobSummaries"][0]
    assert job["TrainingJobStatus"] == "InProgress"
    assert job["TrainingJobName"].startswith("pipelines-")
    aws.control.advance_clock(300)
    assert status(sm, arn) == "Succeeded"
    done = sm.describe_training_job(TrainingJobName=job["TrainingJobName"])
    assert done["TrainingJobStatus"] == "Completed"
    assert done["BillableTimeInSeconds"] == 300
    assert done["ModelArtifacts"]["S3ModelArtifacts"].startswith("s3://bucket/models/pipelines-")
    steps = sm.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
    assert [(s["StepName"], s["StepStatus"]) for s in steps] == [("Train", "Succeeded")]
    assert steps[0]["Metadata"]["TrainingJob"]["Arn"] == job["TrainingJobArn"]


def test_steps_use_parameters_and_the_results_of_others(sm: Any, role: str) -> None:
    register = {
        "Name": "Register",
        "Type": "RegisterModel",
        "Arguments": {
            "ModelPackageGroupName": "churn",
            "InferenceSpecification": {
                "Containers": [
                    {"Image": "i", "ModelDataUrl": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}}
                ],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        },
    }
    join = {"Std:Join": {"On": "/", "Values": ["s3://bucket", {"Get": "Parameters.Prefix"}]}}
    train = train_step(role, OutputDataConfig={"S3OutputPath": join})
    pipeline(sm, role, definition(register, train, Prefix="default"))
    sm.create_model_package_group(ModelPackageGroupName="churn")
    arn = start(sm, Prefix="mine")
    assert status(sm, arn) == "Succeeded"
    package = sm.list_model_packages(ModelPackageGroupName="churn")["ModelPackageSummaryList"][0]
    assert package["ModelPackageVersion"] == 1
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    found = sm.describe_model_package(ModelPackageName=package["ModelPackageArn"])
    url = found["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    assert url.startswith("s3://bucket/mine/pipelines-")
    with refused("ConflictException", "ModelPackage"):
        sm.delete_model_package_group(ModelPackageGroupName="churn")


def test_a_job_that_fails_fails_the_execution_with_its_reason(sm: Any, aws: EmbeddedAws, role: str) -> None:
    aws.control.order_outcome("TrainingJob", reason="AlgorithmError: exit code 1")
    pipeline(sm, role, definition(train_step(role)))
    arn = start(sm)
    assert status(sm, arn) == "Failed"
    step = sm.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"][0]
    assert step["FailureReason"] == "AlgorithmError: exit code 1"


def test_arguments_that_the_api_refuses_fail_the_step(sm: Any, role: str) -> None:
    pipeline(sm, role, definition(train_step(role, ResourceConfig={"InstanceType": "ml.tiny"})))
    arn = start(sm)
    assert status(sm, arn) == "Failed"
    step = sm.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"][0]
    assert "resourceConfig.instanceType" in step["FailureReason"]


def test_a_throttled_step_is_tried_again(sm: Any, aws: EmbeddedAws, role: str) -> None:
    pipeline(sm, role, definition(train_step(role)))
    aws.control.order_fault("CreateTrainingJob", "ThrottlingException", count=1)
    arn = start(sm)
    assert [status(sm, arn) for _ in range(2)] == ["Executing", "Succeeded"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not json", "Invalid pipeline definition"),
        ('{"Version": "2019-01-01", "Steps": [{"Name": "a", "Type": "Fail"}]}', "2020-12-01"),
        ('{"Version": "2020-12-01", "Steps": []}', "it needs steps"),
    ],
)
def test_a_definition_that_is_none_is_refused(sm: Any, role: str, text: str, said: str) -> None:
    with refused("ValidationException", said):
        pipeline(sm, role, text)


def test_parameters_must_be_known_and_set(sm: Any, role: str) -> None:
    pipeline(sm, role, definition(train_step(role), Needed=None))
    with refused("ValidationException", "without a value: Needed"):
        start(sm)
    with refused("ValidationException", "Unknown pipeline parameter Other"):
        start(sm, Needed="1", Other="2")


def test_a_step_that_is_not_rehearsed_is_refused_in_words(sm: Any, role: str) -> None:
    pipeline(sm, role, definition({"Name": "Spark", "Type": "EMR", "Arguments": {}}))
    with refused("NotRehearsed", "steps of type EMR"):
        start(sm)


@pytest.mark.parametrize(
    ("kind", "missing"), [("Callback", "without SqsQueueUrl"), ("Lambda", "without FunctionArn")]
)
def test_a_call_that_leads_nowhere_is_refused(sm: Any, role: str, kind: str, missing: str) -> None:
    pipeline(sm, role, definition({"Name": "Mail", "Type": kind, "Arguments": {}}))
    with refused("NotRehearsed", missing):
        start(sm)


def test_a_pipeline_with_a_running_execution_stays(sm: Any, aws: EmbeddedAws, role: str) -> None:
    aws.control.set_delays({"TrainingJob": 60})
    pipeline(sm, role, definition(train_step(role)))
    arn = start(sm)
    token = {"ClientRequestToken": "t" * 32}
    with refused("ConflictException", "running execution"):
        sm.delete_pipeline(PipelineName="churn", **token)
    sm.stop_pipeline_execution(PipelineExecutionArn=arn, **token)
    assert status(sm, arn) == "Stopped"
    sm.delete_pipeline(PipelineName="churn", **token)


# -- jobs ------------------------------------------------------------------------------------------------


def test_a_job_is_stopped_at_its_limit(sm: Any, aws: EmbeddedAws, role: str) -> None:
    aws.control.set_delays({"TrainingJob": 7200})
    sm.create_training_job(TrainingJobName="long", **training(role))
    aws.control.advance_clock(3600)
    job = sm.describe_training_job(TrainingJobName="long")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")


def test_a_job_can_be_stopped_once(sm: Any, aws: EmbeddedAws, role: str) -> None:
    aws.control.set_delays({"TrainingJob.create": 60})
    sm.create_training_job(TrainingJobName="job", **training(role))
    sm.stop_training_job(TrainingJobName="job")
    assert sm.describe_training_job(TrainingJobName="job")["TrainingJobStatus"] == "Stopped"
    with refused("ValidationException", "in status Stopped"):
        sm.stop_training_job(TrainingJobName="job")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"EnableManagedSpotTraining": True}, "MaxWaitTimeInSeconds must be given"),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}}, "only valid with"),
    ],
)
def test_spot_training_needs_a_wait_time_and_nothing_else_does(
    sm: Any, role: str, more: dict[str, Any], said: str
) -> None:
    with refused("ValidationException", said):
        sm.create_training_job(TrainingJobName="job", **training(role, **more))


def test_a_job_name_is_used_once(sm: Any, role: str) -> None:
    sm.create_training_job(TrainingJobName="job", **training(role))
    with refused("ResourceInUse", "already exists"):
        sm.create_training_job(TrainingJobName="job", **training(role))


# -- endpoints -------------------------------------------------------------------------------------------


def serve(sm: Any, role: str, *, config: str = "c", instance: str = "ml.m5.large", count: int = 1) -> None:
    """A model, a config and, the first time, an endpoint."""
    if config == "c":
        sm.create_model(ModelName="m", ExecutionRoleArn=role, PrimaryContainer={"Image": "image"})
    variant = {
        "VariantName": "all",
        "ModelName": "m",
        "InstanceType": instance,
        "InitialInstanceCount": count,
        "InitialVariantWeight": 1,
    }
    sm.create_endpoint_config(EndpointConfigName=config, ProductionVariants=[variant])
    if config == "c":
        sm.create_endpoint(EndpointName="e", EndpointConfigName="c")


def test_an_endpoint_answers_and_its_model_and_config_outlive_it(
    sm: Any, aws: EmbeddedAws, role: str
) -> None:
    serve(sm, role)
    sm.get_waiter("endpoint_in_service").wait(EndpointName="e")
    runtime = aws.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName="e", Body=b"1,2,3", ContentType="text/csv")
    assert answer["Body"].read() == b"1,2,3"
    assert answer["InvokedProductionVariant"] == "all"
    sm.delete_endpoint(EndpointName="e")
    sm.get_waiter("endpoint_deleted").wait(EndpointName="e")
    with pytest.raises(ClientError, match="Endpoint e of account 123456789012 not found"):
        runtime.invoke_endpoint(EndpointName="e", Body=b"")
    assert sm.describe_model(ModelName="m")
    assert sm.describe_endpoint_config(EndpointConfigName="c")


def test_an_endpoint_needs_its_config_and_a_config_its_model(sm: Any) -> None:
    with refused("ValidationException", 'Could not find endpoint config "none"'):
        sm.create_endpoint(EndpointName="e", EndpointConfigName="none")
    variant = {
        "VariantName": "v",
        "ModelName": "none",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    with refused("ValidationException", 'Could not find model "none"'):
        sm.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])


def test_an_endpoint_does_not_answer_before_it_is_in_service(sm: Any, aws: EmbeddedAws, role: str) -> None:
    aws.control.set_delays({"Endpoint": 300})
    serve(sm, role)
    runtime = aws.client("sagemaker-runtime")
    with pytest.raises(ClientError, match="not found"):
        runtime.invoke_endpoint(EndpointName="e", Body=b"")
    with refused("ValidationException", "in-progress endpoint"):
        sm.delete_endpoint(EndpointName="e")
    aws.control.advance_clock(300)
    assert runtime.invoke_endpoint(EndpointName="e", Body=b"x")["Body"].read() == b"x"


def test_an_update_takes_the_variants_of_the_new_config_and_keeps_answering(
    sm: Any, aws: EmbeddedAws, role: str
) -> None:
    serve(sm, role)
    serve(sm, role, config="c2", instance="ml.m5.xlarge", count=3)
    aws.control.set_delays({"Endpoint.update": 60})
    sm.update_endpoint(EndpointName="e", EndpointConfigName="c2")
    assert sm.describe_endpoint(EndpointName="e")["EndpointStatus"] == "Updating"
    assert aws.client("sagemaker-runtime").invoke_endpoint(EndpointName="e", Body=b"x")["Body"].read() == b"x"
    aws.control.advance_clock(60)
    endpoint = sm.describe_endpoint(EndpointName="e")
    assert endpoint["EndpointStatus"] == "InService"
    assert endpoint["EndpointConfigName"] == "c2"
    assert endpoint["ProductionVariants"][0]["CurrentInstanceCount"] == 3


def test_a_scaled_variant_cannot_change_its_instance_type(sm: Any, aws: EmbeddedAws, role: str) -> None:
    serve(sm, role)
    serve(sm, role, config="c2", instance="ml.m5.xlarge")
    scaling = aws.client("application-autoscaling")
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/e/variant/all",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=4)
    with refused("ValidationException", "must be deregistered as scalable targets"):
        sm.update_endpoint(EndpointName="e", EndpointConfigName="c2")
    scaling.deregister_scalable_target(**target)
    sm.update_endpoint(EndpointName="e", EndpointConfigName="c2")


def test_scaling_needs_a_variant_that_exists_and_can_be_read_back(
    sm: Any, aws: EmbeddedAws, role: str
) -> None:
    serve(sm, role)
    scaling = aws.client("application-autoscaling")
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/e/variant/all",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    with refused("ValidationException", "does not exist"):
        scaling.register_scalable_target(
            **target | {"ResourceId": "endpoint/e/variant/none"}, MinCapacity=1, MaxCapacity=2
        )
    with refused("ObjectNotFoundException"):
        scaling.put_scaling_policy(PolicyName="p", PolicyType="TargetTrackingScaling", **target)
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)
    scaling.put_scaling_policy(PolicyName="p", PolicyType="TargetTrackingScaling", **target)
    found = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert [policy["PolicyName"] for policy in found] == ["p"]
    scaling.deregister_scalable_target(**target)
    assert scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"] == []


def test_capacities_follow_what_is_asked(sm: Any, role: str) -> None:
    serve(sm, role)
    wanted = [{"VariantName": "all", "DesiredInstanceCount": 4, "DesiredWeight": 2.0}]
    sm.update_endpoint_weights_and_capacities(EndpointName="e", DesiredWeightsAndCapacities=wanted)
    variant = sm.describe_endpoint(EndpointName="e")["ProductionVariants"][0]
    assert (variant["CurrentInstanceCount"], variant["CurrentWeight"]) == (4, 2.0)


# -- what is not there -----------------------------------------------------------------------------------


def test_an_operation_that_is_not_rehearsed_is_refused_in_words(sm: Any) -> None:
    with refused("NotRehearsed", "does not have sagemaker:Search"):
        sm.search(Resource="TrainingJob")
