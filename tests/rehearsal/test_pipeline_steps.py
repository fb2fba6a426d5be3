"""Our pipelines with every kind of step that asks or tunes: deployed by CloudFormation, and executed to their end."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from botocore.exceptions import ClientError

from studio_infra.workloads import (
    CallbackStep,
    CreateModelStep,
    FloatRange,
    IntegerRange,
    LambdaStep,
    OutputType,
    TrainingPipeline,
    TrainingStep,
    TransformStep,
    TuningStep,
)
from tests.rehearsal.conftest import make_network, make_role

if TYPE_CHECKING:
    from studio_infra.rehearsal.server import EmbeddedAws

pytestmark = pytest.mark.slow

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:1.4.0"
#: Answers with the model's name in capitals; without one it fails.
FUNCTION = """
def handler(event, context):
    return {"verdict": event["best"].upper(), "count": 3, "secret": "stays here"}
"""


def template(aws: EmbeddedAws, *, code: str = FUNCTION) -> str:
    """A stack with a pipeline that tunes, answers questions, asks a function and then a person."""
    vpc_id, subnets = make_network(aws)
    app = cdk.App()
    stack = cdk.Stack(app, "Pipelines", synthesizer=cdk.BootstraplessSynthesizer())
    function = lambda_.Function(
        stack,
        "Check",
        runtime=lambda_.Runtime.PYTHON_3_11,
        handler="index.handler",
        code=lambda_.Code.from_inline(code),
    )
    hour = timedelta(hours=1)
    tune = TuningStep(
        training=TrainingStep(
            image=IMAGE,
            instance_type="ml.m5.xlarge",
            max_runtime=hour,
            metrics={"auc": "auc=([0-9.]+)"},
            hyperparameters={"loss": "log"},
        ),
        ranges={"depth": IntegerRange(2, 10), "eta": FloatRange(0.1, 0.3)},
        metric="auc",
    )
    model = CreateModelStep(name="Best", image=IMAGE, model_data=tune.model)
    answers = TransformStep(
        model_name=model.model_name, data="s3://data/questions", instance_type="ml.m5.large"
    )
    verdict = LambdaStep(
        name="Verdict",
        function=function,
        inputs={"best": tune.best_job},
        outputs={"verdict": OutputType.STRING, "count": OutputType.INTEGER},
        depends_on=("Transform",),
    )
    agreed = CallbackStep(
        name="Agreed",
        queue=sqs.Queue(stack, "People"),
        inputs={"verdict": verdict.output("verdict"), "count": verdict.output("count")},
        outputs={"by": OutputType.STRING, "sure": OutputType.BOOLEAN},
    )
    TrainingPipeline(
        stack,
        "Churn",
        pipeline_name="churn",
        steps=[tune, model, answers, verdict, agreed],
        vpc=ec2.Vpc.from_vpc_attributes(
            stack, "Vpc", vpc_id=vpc_id, availability_zones=["a"], private_subnet_ids=subnets
        ),
        security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0a1b2c3d")],
        key=kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:123456789012:key/k-1"),
        bucket=s3.Bucket.from_bucket_name(stack, "Bucket", "artifacts"),
    )
    text: str = json.dumps(app.synth().get_stack_by_name("Pipelines").template)
    return text


@pytest.fixture
def deployed(aws: EmbeddedAws) -> Any:
    return lambda **options: _deploy(aws, template(aws, **options))


def _deploy(aws: EmbeddedAws, text: str) -> None:
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(StackName="pipelines", TemplateBody=text, Capabilities=["CAPABILITY_IAM"])
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="pipelines", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )


def start(sm: Any) -> str:
    arn: str = sm.start_pipeline_execution(PipelineName="churn")["PipelineExecutionArn"]
    return arn


def steps(sm: Any, arn: str) -> dict[str, dict[str, Any]]:
    found = sm.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
    return {step["StepName"]: step for step in found}


def wait_for(sm: Any, arn: str, step: str, *wanted: str) -> dict[str, Any]:
    """The step, once it is in one of the states: functions take real time."""
    until = time.monotonic() + 60
    while True:
        found = steps(sm, arn).get(step, {})
        if found.get("StepStatus") in wanted:
            return found
        assert time.monotonic() < until, steps(sm, arn)
        time.sleep(0.1)


def message(aws: EmbeddedAws) -> dict[str, Any]:
    queues = aws.client("sqs")
    (url,) = queues.list_queues()["QueueUrls"]
    (received,) = queues.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    body: dict[str, Any] = json.loads(received["Body"])
    return body


def test_a_pipeline_tunes_answers_and_asks_and_ends_when_somebody_agrees(
    aws: EmbeddedAws, sm: Any, deployed: Any
) -> None:
    deployed()
    arn = start(sm)
    wait_for(sm, arn, "Agreed", "Executing")
    done = steps(sm, arn)

    tuning = done["Tune"]["Metadata"]["TuningJob"]["Arn"].rpartition("/")[2]
    job = sm.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=tuning)
    best = job["BestTrainingJob"]
    assert tuning.startswith("pipelines-")
    assert (job["HyperParameterTuningJobStatus"], best["TunedHyperParameters"]) == (
        "Completed",
        {"depth": "2", "eta": "0.1"},
    )
    training = sm.describe_training_job(TrainingJobName=best["TrainingJobName"])
    assert training["HyperParameters"] == {"loss": "log", "depth": "2", "eta": "0.1"}
    assert training["EnableNetworkIsolation"] is True

    (model,) = sm.list_models()["Models"]
    made = sm.describe_model(ModelName=model["ModelName"])
    assert made["PrimaryContainer"]["ModelDataUrl"] == training["ModelArtifacts"]["S3ModelArtifacts"]

    (answered,) = sm.list_transform_jobs()["TransformJobSummaries"]
    transform = sm.describe_transform_job(TransformJobName=answered["TransformJobName"])
    assert (transform["TransformJobStatus"], transform["ModelName"]) == ("Completed", made["ModelName"])
    assert transform["TransformOutput"]["S3OutputPath"].endswith(arn.rpartition("/")[2])

    # The function really ran; what it was not asked for is not kept.
    verdict = {
        each["Name"]: each["Value"] for each in done["Verdict"]["Metadata"]["Lambda"]["OutputParameters"]
    }
    assert verdict == {"verdict": best["TrainingJobName"].upper(), "count": "3"}

    asked = message(aws)
    assert asked["arguments"] == {"verdict": verdict["verdict"], "count": 3}
    assert asked["pipelineExecutionArn"] == arn
    sm.send_pipeline_execution_step_success(
        CallbackToken=asked["token"],
        OutputParameters=[{"Name": "by", "Value": "ana"}, {"Name": "sure", "Value": "true"}],
    )
    assert sm.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"] == "Succeeded"
    with pytest.raises(ClientError, match="Succeeded"):
        sm.send_pipeline_execution_step_success(CallbackToken=asked["token"])


def test_a_person_who_refuses_ends_the_execution(aws: EmbeddedAws, sm: Any, deployed: Any) -> None:
    deployed()
    arn = start(sm)
    wait_for(sm, arn, "Agreed", "Executing")
    token = message(aws)["token"]
    with pytest.raises(ClientError, match="no output why"):
        sm.send_pipeline_execution_step_success(
            CallbackToken=token, OutputParameters=[{"Name": "why", "Value": "x"}]
        )
    sm.send_pipeline_execution_step_failure(CallbackToken=token, FailureReason="not this one")
    assert sm.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"] == "Failed"
    assert steps(sm, arn)["Agreed"]["FailureReason"] == "not this one"
    with pytest.raises(ClientError, match="No pipeline step waits for this token"):
        sm.send_pipeline_execution_step_failure(CallbackToken="0123456789")


GATE = {
    "Name": "Gate",
    "Type": "Condition",
    "Arguments": {
        "Conditions": [
            {
                "Type": "GreaterThanOrEqualTo",
                "LeftValue": {
                    "Std:JsonGet": {
                        "PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Evaluation"},
                        "Path": "auc.value",
                    }
                },
                "RightValue": {"Get": "Parameters.LeastAuc"},
            }
        ],
        "IfSteps": [
            {"Name": "Register", "Type": "RegisterModel", "Arguments": {"ModelPackageGroupName": "churn"}}
        ],
        "ElseSteps": [{"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": "not good enough"}}],
    },
}


@pytest.mark.parametrize(("auc", "status"), [(0.9, "Succeeded"), (0.7, "Failed"), (None, "Failed")])
def test_figures_in_s3_decide_which_way_it_goes(
    aws: EmbeddedAws, sm: Any, auc: float | None, status: str
) -> None:
    role = make_role(aws)
    sm.create_model_package_group(ModelPackageGroupName="churn")
    files = aws.client("s3")
    files.create_bucket(Bucket="figures")
    if auc is not None:
        files.put_object(
            Bucket="figures", Key="churn/evaluation.json", Body=json.dumps({"auc": {"value": auc}}).encode()
        )
    machines = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
    report = {
        "OutputName": "report",
        "S3Output": {"S3Uri": "s3://figures/churn", "LocalPath": "/x", "S3UploadMode": "EndOfJob"},
    }
    evaluate = {
        "Name": "Evaluate",
        "Type": "Processing",
        "Arguments": {
            "AppSpecification": {"ImageUri": IMAGE},
            "ProcessingResources": {"ClusterConfig": machines},
            "ProcessingOutputConfig": {"Outputs": [report]},
            "RoleArn": role,
        },
        "PropertyFiles": [
            {"PropertyFileName": "Evaluation", "OutputName": "report", "FilePath": "evaluation.json"}
        ],
    }
    sm.create_pipeline(
        PipelineName="churn",
        RoleArn=role,
        ClientRequestToken="t" * 32,
        PipelineDefinition=json.dumps(
            {
                "Version": "2020-12-01",
                "Parameters": [{"Name": "LeastAuc", "Type": "Float", "DefaultValue": 0.8}],
                "Steps": [evaluate, GATE],
            }
        ),
    )
    arn = start(sm)
    assert sm.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"] == status
    ran = steps(sm, arn)
    assert ("Register" in ran, "Stop" in ran) == (auc == 0.9, auc == 0.7)
    if auc is None:
        assert "cannot be read" in ran["Gate"]["FailureReason"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("def handler(event, context):\n    raise ValueError('no')", "answered"),
        ("def handler(event, context):\n    return {'count': 1}", "the answer has no verdict"),
    ],
    ids=["fails", "answers something else"],
)
def test_a_function_that_does_not_answer_ends_the_execution(
    sm: Any, deployed: Any, code: str, reason: str
) -> None:
    deployed(code=code)
    arn = start(sm)
    failed = wait_for(sm, arn, "Verdict", "Failed")
    assert reason in failed["FailureReason"]
    assert sm.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"] == "Failed"
