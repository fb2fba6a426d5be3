"""Reads pipeline definitions into the SageMaker SDK's own objects, and writes what the SDK makes of them.

    python read.py definitions.json written.json

The first file holds definitions by name; the second gets, by name, the SDK's definition or what the SDK refused.
Every reference goes through the SDK: a property that a step's API does not answer, a step, a parameter or a property
file that is not there, a circle, a value that an enumeration does not have is an error of the SDK.
"""

# The SDK is not where mypy runs.
# mypy: disable-error-code="import-not-found,import-untyped,no-any-return,no-untyped-call"

from __future__ import annotations

import json
import logging
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import boto3
import checks
from sagemaker.lambda_helper import Lambda
from sagemaker.workflow import conditions
from sagemaker.workflow._utils import _RegisterModelStep
from sagemaker.workflow.automl_step import AutoMLStep
from sagemaker.workflow.callback_step import CallbackOutput, CallbackOutputTypeEnum, CallbackStep
from sagemaker.workflow.clarify_check_step import ClarifyCheckStep
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.emr_step import EMRStep, EMRStepConfig
from sagemaker.workflow.execution_variables import ExecutionVariable, ExecutionVariables
from sagemaker.workflow.fail_step import FailStep
from sagemaker.workflow.functions import Join, JsonGet
from sagemaker.workflow.lambda_step import LambdaOutput, LambdaOutputTypeEnum, LambdaStep
from sagemaker.workflow.parameters import (
    ParameterBoolean,
    ParameterFloat,
    ParameterInteger,
    ParameterString,
)
from sagemaker.workflow.pipeline import Pipeline, PipelineGraph
from sagemaker.workflow.pipeline_context import PipelineSession, _StepArguments
from sagemaker.workflow.properties import PropertyFile
from sagemaker.workflow.quality_check_step import QualityCheckStep
from sagemaker.workflow.retry import (
    SageMakerJobExceptionTypeEnum,
    SageMakerJobStepRetryPolicy,
    StepExceptionTypeEnum,
    StepRetryPolicy,
)
from sagemaker.workflow.steps import (
    CacheConfig,
    CreateModelStep,
    ProcessingStep,
    TrainingStep,
    TransformStep,
    TuningStep,
)

logging.disable(logging.CRITICAL)

Json = dict[str, Any]

PARAMETERS = {
    "String": ParameterString,
    "Integer": ParameterInteger,
    "Float": ParameterFloat,
    "Boolean": ParameterBoolean,
}
#: Kind of job to the step, and to the call whose request its arguments are.
JOBS = {
    "Training": (TrainingStep, "train"),
    "Processing": (ProcessingStep, "process"),
    "Transform": (TransformStep, "transform"),
    "Tuning": (TuningStep, "create_tuning_job"),
    "AutoML": (AutoMLStep, "auto_ml"),
}
#: What stands beside the arguments of checks, and the SDK's options for it.
CHECK_OPTIONS = {
    "SkipCheck": "skip_check",
    "FailOnViolation": "fail_on_violation",
    "RegisterNewBaseline": "register_new_baseline",
    "ModelPackageGroupName": "model_package_group_name",
    "SuppliedBaselineConstraints": "supplied_baseline_constraints",
    "SuppliedBaselineStatistics": "supplied_baseline_statistics",
}
CHECKED = {"CheckType", *CHECK_OPTIONS} - {"SuppliedBaselineStatistics"}
COMPARISONS = {
    "Equals": conditions.ConditionEquals,
    "GreaterThan": conditions.ConditionGreaterThan,
    "GreaterThanOrEqualTo": conditions.ConditionGreaterThanOrEqualTo,
    "LessThan": conditions.ConditionLessThan,
    "LessThanOrEqualTo": conditions.ConditionLessThanOrEqualTo,
}
VARIABLES = {
    variable.expr["Get"].removeprefix("Execution."): variable
    for variable in vars(ExecutionVariables).values()
    if isinstance(variable, ExecutionVariable)
}
#: `Outputs['report']`, `List[0]`, `Member`.
PART = re.compile(r"(?P<member>\w+)|\['(?P<key>[^']+)'\]|\[(?P<index>\d+)\]|\.")


class Reader:
    """One definition on its way into the SDK."""

    def __init__(self, definition: Json) -> None:
        self.definition = definition
        self.parameters = {each["Name"]: self._parameter(each) for each in definition["Parameters"]}
        self.found = {step["Name"]: step for step in _every(definition["Steps"])}
        self.steps: Json = {}
        self.session = PipelineSession(
            boto_session=boto3.Session(
                region_name="eu-west-1",
                aws_access_key_id="x",
                aws_secret_access_key="x",  # noqa: S106 - none is needed
            ),
            sagemaker_client=mock.MagicMock(),
            default_bucket="artifacts",
        )

    def pipeline(self) -> Pipeline:
        """The SDK's own pipeline."""
        return Pipeline(
            name="read",
            parameters=list(self.parameters.values()),
            steps=[self.step(step["Name"]) for step in self.definition["Steps"]],
            sagemaker_session=self.session,
            pipeline_experiment_config=None,
        )

    def step(self, name: str) -> Any:
        """A step as the SDK's object, made once."""
        if name not in self.steps:
            self.steps[name] = self._step(self.found[name])
        return self.steps[name]

    def _step(self, step: Json) -> Any:  # noqa: PLR0911 - one for each kind of step
        known = {"Name", "Type", "Arguments", "DependsOn", "Description", "RetryPolicies", "CacheConfig"}
        extra = {
            "Processing": {"PropertyFiles"},
            "Lambda": {"FunctionArn", "OutputParameters"},
            "Callback": {"SqsQueueUrl", "OutputParameters"},
            "QualityCheck": CHECKED | {"SuppliedBaselineStatistics"},
            "ClarifyCheck": CHECKED | {"ModelName"},
        }
        if unknown := step.keys() - known - extra.get(step["Type"], set()):
            raise ValueError(f"the SDK's steps of type {step['Type']} have no {', '.join(sorted(unknown))}")
        common: Json = {"name": step["Name"], "depends_on": step.get("DependsOn")}
        if step["Type"] == "Condition":
            return self._condition_step(step, common)
        common["description"] = step.get("Description")
        if step["Type"] == "Fail":
            return FailStep(**common, error_message=self.value(step["Arguments"]["ErrorMessage"]))
        arguments = self.value(step["Arguments"])
        cache = {"cache_config": _cache(step["CacheConfig"])} if "CacheConfig" in step else {}
        if step["Type"] in {"Lambda", "Callback"}:
            return self._call(step, common | cache | {"inputs": arguments})
        if step["Type"] in {"QualityCheck", "ClarifyCheck"}:
            return self._check(step, common | cache, arguments)
        common["retry_policies"] = [_retry(policy) for policy in step.get("RetryPolicies", [])]
        if step["Type"] == "RegisterModel":
            return _RegisterModelStep(**common, step_args=arguments)
        if step["Type"] == "Model":
            return CreateModelStep(**common, step_args=arguments)
        if step["Type"] == "EMR":
            return _emr(common | cache, arguments)
        kind, caller = JOBS[step["Type"]]
        files = {"property_files": _files(step)} if "PropertyFiles" in step else {}
        context = SimpleNamespace(context=SimpleNamespace(args=arguments))
        job = SimpleNamespace(sagemaker_session=context, source_dir=None, dependencies=None, entry_point=None)
        return kind(**common, **cache, **files, step_args=_StepArguments(caller, lambda _: None, job))

    def _check(self, step: Json, options: Json, arguments: Json) -> Any:
        """A check made anew of its options: the SDK writes the job of it itself."""
        options |= {option: self.value(step[name]) for name, option in CHECK_OPTIONS.items() if name in step}
        options["check_job_config"] = checks.job(arguments, self.session)
        if step["Type"] == "QualityCheck":
            made = QualityCheckStep(
                **options, quality_check_config=checks.quality(step["CheckType"], arguments)
            )
        else:
            model = self.value(step.get("ModelName"))
            with checks.nothing_uploaded(arguments):
                made = ClarifyCheckStep(
                    **options, clarify_check_config=checks.clarify(step["CheckType"], arguments, model)
                )
        # The SDK knows one image of each region; whoever writes a definition may name another.
        made._baselining_processor.image_uri = arguments["AppSpecification"]["ImageUri"]
        return made

    def _call(self, step: Json, options: Json) -> Any:
        if step["Type"] == "Lambda":
            outputs = [
                LambdaOutput(each["OutputName"], _member(LambdaOutputTypeEnum, each["OutputType"]))
                for each in step["OutputParameters"]
            ]
            function = Lambda(function_arn=step["FunctionArn"], session=mock.MagicMock())
            return LambdaStep(**options, lambda_func=function, outputs=outputs)
        answers = [
            CallbackOutput(each["OutputName"], _member(CallbackOutputTypeEnum, each["OutputType"]))
            for each in step["OutputParameters"]
        ]
        return CallbackStep(**options, sqs_queue_url=step["SqsQueueUrl"], outputs=answers)

    def _condition_step(self, step: Json, common: Json) -> Any:
        arguments = step["Arguments"]
        return ConditionStep(
            **common,
            conditions=[self._condition(each) for each in arguments["Conditions"]],
            if_steps=[self.step(each["Name"]) for each in arguments["IfSteps"]],
            else_steps=[self.step(each["Name"]) for each in arguments["ElseSteps"]],
        )

    def _condition(self, written: Json) -> Any:
        kind = written["Type"]
        if kind == "Not":
            return conditions.ConditionNot(self._condition(written["Condition"]))
        if kind == "Or":
            return conditions.ConditionOr([self._condition(each) for each in written["Conditions"]])
        if kind == "In":
            return conditions.ConditionIn(self.value(written["QueryValue"]), self.value(written["Values"]))
        return COMPARISONS[kind](
            left=self.value(written["LeftValue"]), right=self.value(written["RightValue"])
        )

    def value(self, written: Any) -> Any:
        """JSON with references as the SDK's objects."""
        if isinstance(written, list):
            return [self.value(item) for item in written]
        if not isinstance(written, dict):
            return written
        if written.keys() == {"Get"}:
            return self._get(written["Get"])
        if written.keys() == {"Std:Join"}:
            join = written["Std:Join"]
            return Join(on=join["On"], values=self.value(join["Values"]))
        if written.keys() == {"Std:JsonGet"}:
            get = written["Std:JsonGet"]
            _, step, _, name = get["PropertyFile"]["Get"].split(".")
            (file,) = [each for each in self.step(step).property_files if each.name == name]
            return JsonGet(step_name=step, property_file=file, json_path=get["Path"])
        return {key: self.value(item) for key, item in written.items()}

    def _get(self, path: str) -> Any:
        where, _, rest = path.partition(".")
        if where == "Parameters":
            return self.parameters[rest]
        if where == "Execution":
            return VARIABLES[rest]
        name, _, rest = rest.partition(".")
        found = self.step(name).properties
        if rest.startswith("OutputParameters"):
            return found.Outputs[rest.removeprefix("OutputParameters['").removesuffix("']")]
        for part in PART.finditer(rest):
            if part["member"] is not None:
                found = getattr(found, part["member"])
            elif part["key"] is not None:
                found = found[part["key"]]
            elif part["index"] is not None:
                found = found[int(part["index"])]
        return found

    @staticmethod
    def _parameter(declared: Json) -> Any:
        options = {"enum_values": declared["EnumValues"]} if "EnumValues" in declared else {}
        return PARAMETERS[declared["Type"]](
            name=declared["Name"], default_value=declared["DefaultValue"], **options
        )


def _emr(options: Json, arguments: Json) -> EMRStep:
    jar = arguments["StepConfig"]["HadoopJarStep"]
    return EMRStep(
        **options,
        display_name=None,
        cluster_id=arguments["ClusterId"],
        execution_role_arn=arguments.get("ExecutionRoleArn"),
        step_config=EMRStepConfig(
            jar=jar["Jar"],
            args=jar.get("Args"),
            main_class=jar.get("MainClass"),
            properties=jar.get("Properties"),
        ),
    )


def _every(steps: list[Json]) -> list[Json]:
    found = list(steps)
    for step in steps:
        if step["Type"] == "Condition":
            found += _every(step["Arguments"]["IfSteps"] + step["Arguments"]["ElseSteps"])
    return found


def _member(enumeration: Any, value: str) -> Any:
    # Not by a call: the SDK's enumerations answer that with their first member.
    return {member.value: member for member in enumeration}[value]


def _cache(written: Json) -> CacheConfig:
    return CacheConfig(enable_caching=written["Enabled"], expire_after=written["ExpireAfter"])


def _files(step: Json) -> list[PropertyFile]:
    return [
        PropertyFile(name=each["PropertyFileName"], output_name=each["OutputName"], path=each["FilePath"])
        for each in step["PropertyFiles"]
    ]


def _retry(written: Json) -> Any:
    how = {
        "backoff_rate": written["BackoffRate"],
        "interval_seconds": written["IntervalSeconds"],
        "max_attempts": written["MaxAttempts"],
    }
    kinds = written["ExceptionType"]
    if all(kind.startswith("Step.") for kind in kinds):
        return StepRetryPolicy([_member(StepExceptionTypeEnum, kind) for kind in kinds], **how)
    return SageMakerJobStepRetryPolicy(
        exception_types=[_member(SageMakerJobExceptionTypeEnum, kind) for kind in kinds], **how
    )


def read(definition: Json) -> Json:
    """What the SDK writes after it has read `definition`."""
    try:
        pipeline = Reader(definition).pipeline()
        PipelineGraph.from_pipeline(pipeline)
        return {"definition": json.loads(pipeline.definition())}
    except Exception as error:  # noqa: BLE001 - whatever the SDK refuses is the result
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    given, written = map(Path, sys.argv[1:])
    definitions = json.loads(given.read_text(encoding="utf-8"))
    results = {name: read(definition) for name, definition in definitions.items()}
    # A file, as the SDK itself writes to the standard output.
    written.write_text(json.dumps(results), encoding="utf-8")
