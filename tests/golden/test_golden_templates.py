"""The CloudFormation of the shipped settings and of the examples, as reviewers see it.

A change here is a change for everybody who deploys.

`make golden` writes the files anew; the changelog says why they changed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from studio_infra.settings import load_settings
from studio_infra.stacks import add_stacks
from tests import examples

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent
SETTINGS = ("sandbox", "production")
#: Folder of the templates, to the app they are of.
EXAMPLES = {f"examples/{examples.name_of(source)}": source for source in examples.EXAMPLES}
everything = pytest.mark.parametrize("name", [*SETTINGS, *EXAMPLES])
#: The file of an asset in the bootstrap bucket, named for its content.
ASSET = re.compile(r"\b[0-9a-f]{64}(?=\.(?:zip|json)\b)")
#: The sandbox's settings let its data go; this is the app's own consent, without which they are warned about.
CONSENT = {"sandbox": {"@studio-infra/allow-destroy": True}}
#: Types that can say what they are for.
DESCRIBED = {
    "AWS::CloudWatch::Alarm",
    "AWS::Events::Rule",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Lambda::Function",
    "AWS::SSM::Parameter",
    "AWS::Scheduler::Schedule",
}


def synthesize(name: str) -> dict[str, dict[str, Any]]:
    """The templates of `settings/NAME.toml`, as `app.py` makes them, or of an example, by stack."""
    context = examples.recommended()
    if name in EXAMPLES:
        app = examples.build(EXAMPLES[name], context=context)
    else:
        app = cdk.App(context=context | CONSENT.get(name, {}), analytics_reporting=False)
        add_stacks(app, load_settings(ROOT / "settings" / f"{name}.toml"))
    return {stack.stack_name: stack.template for stack in app.synth().stacks}


@cache
def synthesized(name: str) -> dict[str, dict[str, Any]]:
    """The same, made once."""
    return synthesize(name)


def written(template: dict[str, Any]) -> str:
    return json.dumps(template, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def reviewable(template: dict[str, Any]) -> str:
    """A template without the hashes of what ships beside it: code is reviewed as code, not as its hash."""
    return ASSET.sub("<asset>", written(template))


@everything
def test_the_templates_are_those_that_were_reviewed(name: str, request: pytest.FixtureRequest) -> None:
    templates = synthesized(name)
    folder = GOLDEN / name
    if request.config.getoption("--update-golden"):
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.json"):
            old.unlink()
        for stack, template in templates.items():
            (folder / f"{stack}.json").write_text(reviewable(template), encoding="utf-8")
    reviewed = {file.stem: file.read_text(encoding="utf-8") for file in folder.glob("*.json")}
    assert sorted(reviewed) == sorted(templates)
    for stack, template in templates.items():
        assert reviewed[stack] == reviewable(template), f"{stack} changed: read it, then run `make golden`"


@everything
def test_a_template_is_free_of_exports_and_custom_resources_and_functions_are_in_one_stack(name: str) -> None:
    for stack, template in synthesized(name).items():
        text = json.dumps(template)
        assert '"Fn::ImportValue"' not in text, stack
        assert '"Export"' not in text, stack
        kinds = {resource["Type"] for resource in template["Resources"].values()}
        assert not {kind for kind in kinds if kind.startswith(("Custom::", "AWS::CDK"))}, stack
        functions = {kind for kind in kinds if kind.startswith("AWS::Lambda")}
        assert not functions or name not in SETTINGS or stack.endswith("-operations"), stack
        assert "AWS::CloudFormation::CustomResource" not in kinds, stack


@everything
def test_a_template_names_no_machine_and_stays_within_what_cloudformation_takes(name: str) -> None:
    for stack, template in synthesized(name).items():
        text = written(template)
        assert str(ROOT) not in text, stack
        assert not re.search(r"AKIA[A-Z0-9]{16}|-----BEGIN", text), stack
        assert len(template["Resources"]) <= 450, stack
        assert len(text) < 900_000, stack


@everything
def test_a_template_says_what_it_is_and_has_no_noise(name: str) -> None:
    """Stacks, outputs, parameters, roles, policies, functions, rules and alarms are described; nothing is decorated."""
    for file in sorted((GOLDEN / name).glob("*.json")):
        template = json.loads(file.read_text(encoding="utf-8"))
        assert template["Description"], file.name
        for section in ("Outputs", "Parameters"):
            for key, entry in template.get(section, {}).items():
                # What CDK writes when stacks of somebody's own refer to each other is CDK's.
                cdks_own = name in EXAMPLES and key.startswith("PublishOutput")
                assert cdks_own or entry.get("Description"), f"{file.name}: {key}"
        assert "Metadata" not in template, file.name
        for logical_id, resource in template["Resources"].items():
            assert "Metadata" not in resource, logical_id
            assert re.match("[A-Z][a-z]", logical_id), f"{logical_id} begins with no word"
            if resource["Type"] in DESCRIBED:
                described = {"Description", "AlarmDescription"} & resource["Properties"].keys()
                assert described, f"{file.name}: {logical_id}"


def test_two_syntheses_are_the_same_byte_for_byte() -> None:
    assert {stack: written(template) for stack, template in synthesize("production").items()} == {
        stack: written(template) for stack, template in synthesize("production").items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", SETTINGS)
def test_the_cdk_cli_synthesizes_without_a_finding(name: str, tmp_path: Path) -> None:
    """With CDK's own validator on, its warnings as errors, and no credentials at hand."""
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("AWS_") and key != "CDK_VALIDATION"
    }
    done = subprocess.run(
        [
            "cdk",
            "synth",
            "--quiet",
            "--no-notices",
            "--output",
            str(tmp_path),
            "--context",
            f"settings=settings/{name}.toml",
            *(f"--context={key}={json.dumps(value)}" for key, value in CONSENT.get(name, {}).items()),
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for word in ("WARN", "ERROR", "INFO "):
        assert word not in done.stdout + done.stderr
    report = json.loads((tmp_path / "validation-report.json").read_text(encoding="utf-8"))
    # What stands on purpose is listed with its reason; nothing else may be.
    assert [
        one for one in report["pluginReports"] if one["violations"] or one["conclusion"] != "success"
    ] == []
