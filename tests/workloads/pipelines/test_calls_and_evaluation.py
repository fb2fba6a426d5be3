"""Functions and queues that a pipeline asks, and the evaluation of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from studio_infra.errors import InvalidInput
from studio_infra.workloads.pipelines.pipeline_definition import (
    CallbackStep,
    ConditionStep,
    FailStep,
    LambdaStep,
    OutputType,
    ProcessingInput,
    ProcessingOutput,
)
from tests.workloads.pipelines.test_pipeline_definition import (
    AROUND,
    CALLS,
    FUNCTION,
    evaluate,
    register,
    render,
    train,
)
from tests.workloads.pipelines.test_training_pipeline import definition, pipeline
from tests.workloads.templates import resources, statements, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    import aws_cdk as cdk

    from tests.workloads.conftest import Place


def test_a_function_is_called_with_what_earlier_steps_found() -> None:
    step = render(train(), CALLS["function"])["Steps"][1]
    assert step == {
        "Name": "Ask",
        "Type": "Lambda",
        "Description": "Asks",
        "FunctionArn": FUNCTION.function_arn,
        "Arguments": {
            "model": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"},
            "limit": 0.5,
            "dry": True,
        },
        "OutputParameters": [
            {"OutputName": "verdict", "OutputType": "String"},
            {"OutputName": "ok", "OutputType": "Boolean"},
            {"OutputName": "n", "OutputType": "Integer"},
        ],
        "CacheConfig": {"Enabled": True, "ExpireAfter": "PT1H"},
    }


def test_an_answer_is_waited_for_and_has_a_name() -> None:
    call = LambdaStep(name="Ask", function=FUNCTION, outputs={"ok": OutputType.BOOLEAN})
    assert call.output("ok").to_json() == {"Get": "Steps.Ask.OutputParameters['ok']"}
    assert call.output("ok").steps == {"Ask"}


def test_the_pipeline_may_call_its_functions_and_write_to_its_encrypted_queues_and_no_others(
    stack: cdk.Stack, place: Place
) -> None:
    key = kms.Key(stack, "QueueKey")
    queue = sqs.Queue(stack, "People", encryption_master_key=key)
    function = lambda_.Function.from_function_arn(stack, "Check", FUNCTION.function_arn)
    ask = LambdaStep(name="Ask", function=function, outputs={"ok": OutputType.BOOLEAN})
    wait = CallbackStep(name="Wait", queue=queue, inputs={"ok": ask.output("ok")})
    pipeline(stack, place, ask, wait)
    template = resources(stack)
    allowed = statements(template, "ChurnRole")
    assert sorted(allowed) == ["CallFunctions", "EncryptMessages", "SendMessages", "UseKey"]
    assert texts(allowed["CallFunctions"]["Resource"]) == [FUNCTION.function_arn]
    (queue_arn,) = texts(allowed["SendMessages"]["Resource"])
    assert queue_arn.startswith("<People")
    assert queue_arn.endswith(".Arn>")
    (key_arn,) = texts(allowed["EncryptMessages"]["Resource"])
    assert key_arn.startswith("<QueueKey")
    written = definition(template)["Steps"]
    assert written[0]["FunctionArn"] == FUNCTION.function_arn
    assert written[1]["SqsQueueUrl"].startswith("<People")


def test_a_queue_without_a_key_of_its_own_needs_none(stack: cdk.Stack, place: Place) -> None:
    pipeline(stack, place, CallbackStep(name="Wait", queue=sqs.Queue(stack, "People")))
    assert sorted(statements(resources(stack), "ChurnRole")) == ["SendMessages", "UseKey"]


def test_an_evaluation_finds_model_and_data_and_leaves_figures() -> None:
    step = evaluate(outputs={"plots": ProcessingOutput(path="/opt/ml/processing/plots")})
    rendered = render(train(), step)["Steps"][1]
    inputs = {each["InputName"]: each["S3Input"] for each in rendered["Arguments"]["ProcessingInputs"]}
    assert inputs["model"]["LocalPath"] == "/opt/ml/processing/model"
    assert inputs["model"]["S3Uri"] == {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}
    assert inputs["test"]["S3Uri"] == "s3://b/test"
    outputs = rendered["Arguments"]["ProcessingOutputConfig"]["Outputs"]
    assert [each["OutputName"] for each in outputs] == ["report", "plots"]
    assert rendered["PropertyFiles"] == [
        {"PropertyFileName": "Evaluation", "OutputName": "report", "FilePath": "evaluation.json"}
    ]
    assert step.access(AROUND).creates == {"processing-job"}


def test_a_model_is_registered_with_its_figures_only_if_they_are_good_enough() -> None:
    step = evaluate()
    gate = ConditionStep(
        name="Gate",
        conditions=(step.passes("auc.value", ">=", 0.8),),
        then=(register(model_data=train().model, model_statistics=step.statistics),),
        otherwise=(FailStep(name="Stop", message="not good enough"),),
    )
    rendered = render(train(), step, gate)["Steps"][2]["Arguments"]
    assert rendered["Conditions"] == [
        {
            "Type": "GreaterThanOrEqualTo",
            "LeftValue": {
                "Std:JsonGet": {
                    "PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Evaluation"},
                    "Path": "auc.value",
                }
            },
            "RightValue": 0.8,
        }
    ]
    statistics = rendered["IfSteps"][0]["Arguments"]["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]
    assert statistics["Std:Join"]["Values"][1] == "evaluation.json"


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "unknown answer": (
        lambda: LambdaStep(name="Ask", function=FUNCTION).output("ok"),
        "there is no output 'ok', known are: none",
    ),
    "name of an answer": (
        lambda: LambdaStep(name="Ask", function=FUNCTION, outputs={"a b": OutputType.STRING}),
        "an output's name must be",
    ),
    "two models": (
        lambda: evaluate(inputs={"model": ProcessingInput(place="s3://b/x", path="/x")}),
        "model is the evaluation's own",
    ),
    "two reports": (lambda: evaluate(outputs={"report": ProcessingOutput(path="/x")}), "report is the"),
}


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=REFUSED)
def test_what_could_never_run_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        make()
