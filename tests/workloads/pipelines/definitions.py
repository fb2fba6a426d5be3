"""Every pipeline definition of the tests and of the shipped settings, to be read by somebody else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.docs.pages import PAGES, blocks
from tests.docs.test_documentation import house_of_names
from tests.workloads.pipelines.test_checks import CHECKS, OTHERS
from tests.workloads.pipelines.test_pipeline_definition import CALLS, EVERYTHING, render, train

ROOT = Path(__file__).parents[3]


def every_definition() -> dict[str, dict[str, Any]]:
    """By where they come from."""
    return {**of_every_option(), **of_the_golden_templates(), **of_the_documentation()}


def of_every_option() -> dict[str, dict[str, Any]]:
    """A pipeline for each step of the tests that uses every option, with the steps it refers to."""
    found = {}
    for name, step in {**EVERYTHING, **CALLS, **CHECKS, **OTHERS}.items():
        others = [train(name=needed) for needed in sorted(step.waits_for)]
        found[f"option {name}"] = render(*others, step)
    return found


def of_the_golden_templates() -> dict[str, dict[str, Any]]:
    """The pipelines that the shipped settings make; tokens as `<LogicalId>`."""
    return {
        f"{file.parent.name} {logical_id}": in_resource(resource)
        for file in sorted((ROOT / "tests" / "golden").glob("*/*.json"))
        for logical_id, resource in json.loads(file.read_text(encoding="utf-8"))["Resources"].items()
        if resource["Type"] == "AWS::SageMaker::Pipeline"
    }


def of_the_documentation() -> dict[str, dict[str, Any]]:
    """The pipelines that the examples in the documentation make."""
    found: dict[str, dict[str, Any]] = {}
    for page in PAGES:
        code = [block.text for block in blocks(page) if block.language == "python" and block.runs]
        if not any("TrainingPipeline(" in text for text in code):
            continue
        names = house_of_names()
        for text in code:
            exec(compile(text, page.name, "exec"), names)  # noqa: S102 - our own pages
        assembly = names["app"].synth()
        found |= {
            f"{page.name} {logical_id}": in_resource(resource)
            for stack in assembly.stacks
            for logical_id, resource in stack.template["Resources"].items()
            if resource["Type"] == "AWS::SageMaker::Pipeline"
        }
    assert found, "no page has a pipeline: has the name of the construct changed?"
    return found


def in_resource(resource: dict[str, Any]) -> dict[str, Any]:
    """The definition in a pipeline of a template."""
    body = resource["Properties"]["PipelineDefinition"]["PipelineDefinitionBody"]
    found: dict[str, Any] = json.loads(_text(body))
    return found


def _text(value: Any) -> str:
    """A value with whatever CloudFormation fills in as `<…>`, without the quotes that JSON would trip over."""
    if isinstance(value, str):
        return value
    ((function, inner),) = value.items()
    if function == "Fn::Join":
        return str(inner[0]).join(_text(part) for part in inner[1])
    return "<" + re.sub("[^A-Za-z0-9:.-]", "", json.dumps(value)) + ">"
